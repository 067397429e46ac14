import { expect, test } from "vitest";

const SOURCES = import.meta.glob<string>("./**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
/** What stands on the pages of another feature: `who: [what it may import]`. All else is shared in api and design. */
const ALLOWED: Record<string, string[]> = {
  clients: ["erasure"],
  statistics: ["transfer"],
  users: ["keys/UserKeys", "transfer"],
};

test("features do not import each other, save what stands on the other's page", () => {
  const found = Object.entries(SOURCES).flatMap(([path, source]) => {
    const feature = path.split("/")[1] ?? "";
    const others = [...source.matchAll(/"@\/features\/([^"]+)"/g)].map((match) => match[1] ?? "");
    const allowed = [feature, ...(ALLOWED[feature] ?? [])];
    return others
      .filter((other) => !allowed.some((one) => other === one || other.startsWith(`${one}/`)))
      .map((other) => `${path}: ${other}`);
  });
  expect(Object.keys(SOURCES).length).toBeGreaterThan(50);
  expect(found).toEqual([]);
});
