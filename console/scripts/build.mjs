// Builds the console beside the build that is served, then puts it in its place: the service never finds half of one.
// Beside every text file lies a .gz, which the service sends as it is: it compresses nothing itself.
// The scripts of the build before stay beside the new ones: pages that are open fetch theirs when they first need them.
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const folder = `dist-${process.pid}`;
const before = `${folder}-before`;
const OWN = "own-assets.json"; // beside index.html: which assets this build has made itself

function compress() {
  let sum = 0;
  for (const name of readdirSync(folder, { recursive: true })) {
    if (/\.(js|css|html|svg|json)$/.test(name)) {
      const packed = gzipSync(readFileSync(join(folder, name)), { level: 9 });
      writeFileSync(join(folder, `${name}.gz`), packed);
      sum += packed.length;
    }
  }
  return Math.round(sum / 1024);
}

/** Copy what the build before has made; what that one had kept itself goes, unless it is this very build. */
function keepBefore() {
  const own = assetsOf(folder).sort();
  const there = existsSync(join("dist", "assets")) ? assetsOf("dist") : [];
  const made = existsSync(join("dist", OWN)) ? JSON.parse(readFileSync(join("dist", OWN), "utf8")) : there;
  const isSame = made.join() === own.join();
  for (const name of isSame ? there : made) {
    if (there.includes(name) && !own.includes(name)) {
      copyFileSync(join("dist", "assets", name), join(folder, "assets", name));
    }
  }
  writeFileSync(join(folder, OWN), JSON.stringify(own));
}

function assetsOf(build) {
  return readdirSync(join(build, "assets"));
}

function putInPlace() {
  try {
    renameSync("dist", before);
  } catch (error) {
    if (error.code !== "ENOENT") throw error; // the first build
  }
  renameSync(folder, "dist");
}

try {
  await build({ logLevel: "warn", build: { outDir: folder } });
  const size = compress();
  keepBefore();
  putInPlace();
  console.log(`The console is built: ${size} KiB compressed, all pages together.`);
} catch (error) {
  console.error(process.stderr.isTTY ? error.message : stripVTControlCharacters(error.message));
  process.exitCode = 1;
} finally {
  for (const rest of [folder, before]) rmSync(rest, { recursive: true, force: true });
}
