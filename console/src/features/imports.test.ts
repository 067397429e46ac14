import { describe, expect, test } from "vitest";

const SOURCES = import.meta.glob<string>("./**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
/** What stands on the pages of another feature: `who: [what it may import]`. All else is shared in api and design. */
const ALLOWED: Record<string, string[]> = {
  clients: ["erasure"],
  statistics: ["transfer"],
  users: ["keys/UserKeys", "transfer"],
};
/** Every text that can be a file's address: in an import of either kind, in an export, in a mock. */
const ADDRESS = /["'`]((?:@|\.{1,2})\/[^"'`\n]+)["'`]/g;

/** What of the features a file imports, by its address from here: `keys/UserKeys`, however the file spells it. */
function importsOf(path: string, source: string): string[] {
  const files = "https://console.test/src/features/";
  return [...source.matchAll(ADDRESS)]
    .map(([, named = ""]) => named.replace(/^@\//, "/src/"))
    .map((named) => new URL(named, new URL(path, files)).href)
    .filter((address) => address.startsWith(files))
    .map((address) => address.slice(files.length));
}

/** The imports from features that a file may not have. */
function forbidden(path: string, source: string): string[] {
  const feature = path.split("/")[1] ?? "";
  const allowed = [feature, ...(ALLOWED[feature] ?? [])];
  return importsOf(path, source).filter(
    (other) => !allowed.some((one) => other === one || other.startsWith(`${one}/`)),
  );
}

test("features do not import each other, save what stands on the other's page", () => {
  const found = Object.entries(SOURCES).flatMap(([path, source]) =>
    forbidden(path, source).map((other) => `${path}: ${other}`),
  );
  expect(Object.keys(SOURCES).length).toBeGreaterThan(50);
  expect(found).toEqual([]);
});

describe("an import of another feature is seen", () => {
  test.each([
    [`import { KeysPage } from "@/features/keys/KeysPage";`, "./roles/RolesPage.tsx"],
    [`import { KeysPage } from "../keys/KeysPage";`, "./roles/RolesPage.tsx"],
    [`import type { Key } from '../../keys/KeysPage';`, "./roles/parts/RoleRow.tsx"],
    [`export { KeysPage } from "./../keys/KeysPage";`, "./roles/RolesPage.tsx"],
    [`import "../keys/KeysPage";`, "./roles/RolesPage.tsx"],
    [`lazy: async () => ({ Component: (await import("../keys/KeysPage")).KeysPage })`, "./roles/routes.tsx"],
    [`import {\n  KeysPage,\n} from "../../features/keys/KeysPage";`, "./roles/RolesPage.tsx"],
  ])("%s", (source, path) => {
    expect(forbidden(path, source)).toEqual(["keys/KeysPage"]);
  });

  test.each([
    [`import { Page } from "@/design/Page";`, "./roles/RolesPage.tsx"],
    [`import { useRoles } from "../roleQueries";`, "./roles/parts/RoleRow.tsx"],
    [`import { UserKeys } from "../keys/UserKeys";`, "./users/UserPage.tsx"],
    [`import { expect } from "vitest";`, "./roles/values.test.ts"],
  ])("and nothing else: %s", (source, path) => {
    expect(forbidden(path, source)).toEqual([]);
  });
});
