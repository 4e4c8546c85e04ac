import { describe, expect, test, vi } from "vitest";
import { isRepeatable } from "../src/client/operations.js";
import { replaceAt } from "../src/json-pointer.js";

describe("replaceAt", () => {
  const value = { a: "1", list: [{ b: "2" }, { b: "" }, { b: 3 }, { b: null }, "4"], other: { b: "5" }, "c/d": "6" };
  const shout = async (text: unknown) => (typeof text === "string" ? `${text}!` : text);

  test("replaces what is there, leaves what is empty, and passes over what leads nowhere", async () => {
    const given = structuredClone(value);
    const replaced = await replaceAt(given, ["/a", "/list/*/b", "/a/b", "/none/b", "/list/b", "/c~1d"], shout);
    expect(replaced).toEqual({ ...value, a: "1!", "c/d": "6!" });
    expect(await replaceAt(given, ["/list/*/b"], shout)).toEqual({
      ...value,
      list: [{ b: "2!" }, { b: "" }, { b: 3 }, { b: null }, "4"],
    });
    expect(given).toEqual(value);
  });

  test("replaces once where several pointers lead", async () => {
    expect(await replaceAt({ a: "1" }, ["/a", "/*"], shout)).toEqual({ a: "1!" });
  });

  test("tells of each place where a pointer leads no further", async () => {
    const mismatch = vi.fn();
    await replaceAt(value, ["/list/*/b", "/a/b", "/other/0"], shout, mismatch);
    expect(mismatch.mock.calls).toEqual([["/a"], ["/list/4"]]);
  });

  test("shares what lies beside the way", async () => {
    const copy = (await replaceAt(value, ["/list/*/b"], shout)) as typeof value;
    expect(copy.other).toBe(value.other);
    expect(await replaceAt(value, [], shout)).toBe(value);
  });
});

test("the number by which a write is repeated is what JSON.stringify sees", async () => {
  const isSeen = (body: unknown, idempotent: string) => isRepeatable("POST", idempotent, body);
  const body = { toJSON: () => ({ batch: { no: { toJSON: () => 7 } }, empty: "", nil: null, list: [1] }) };
  expect(await isSeen(body, "/batch/no")).toBe(true);
  for (const pointer of ["/batch/none", "/batch", "/empty", "/nil", "/list/0", "/constructor", "/none/no"]) {
    expect(await isSeen(body, pointer)).toBe(false);
  }
  expect(await isSeen(null, "/a")).toBe(false);
  expect(await isSeen(undefined, "/a")).toBe(false);
});
