import { describe, expect, it } from "vitest";
import type { Schema } from "@/api/client";
import type { Key } from "./keys";
import { countsOlder, replacedBy, rotationInto } from "./succession";

type Entry = Schema<"AuditLog">;
const OLD = { key_id: "old", replaced_by: "new" } as Key;
const NEW = { key_id: "new", replaced_by: null, created_at: "2026-11-22T06:32:00Z" } as Key;

describe("keys that a rotation ties together", () => {
  it("finds those that a key replaced", () => {
    expect(replacedBy([NEW, OLD], NEW)).toEqual([OLD]);
    expect(replacedBy([NEW, OLD], OLD)).toEqual([]);
  });
  it("finds the rotation, which is written at the old key", () => {
    const rotation = { action: "key.rotate", key_id: "old", detail: { new_key_id: "new" } } as unknown as Entry;
    const another = { action: "key.rotate", key_id: "new", detail: { new_key_id: "newer" } } as unknown as Entry;
    expect(rotationInto(NEW, [another, rotation])).toBe(rotation);
    expect(rotationInto(OLD, [another, rotation])).toBeUndefined();
  });
  it("knows of uses before a key was made that they were those of another", () => {
    expect(countsOlder({ ...NEW, last_used_at: "2026-11-22T06:31:00Z" })).toBe(true);
    expect(countsOlder({ ...NEW, last_used_at: "2026-11-22T06:33:00Z" })).toBe(false);
    expect(countsOlder({ ...NEW, last_used_at: null })).toBe(false);
  });
});
