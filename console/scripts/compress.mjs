// Writes a .gz beside every text file of the build, which the service sends as it is: it compresses nothing itself.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const folder = "dist";
let sum = 0;
for (const name of readdirSync(folder, { recursive: true })) {
  if (/\.(js|css|html|svg|json)$/.test(name)) {
    const packed = gzipSync(readFileSync(join(folder, name)), { level: 9 });
    writeFileSync(join(folder, `${name}.gz`), packed);
    sum += packed.length;
  }
}
console.log(`console: built, ${Math.round(sum / 1024)} KiB compressed in all`);
