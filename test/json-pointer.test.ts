import { describe, expect, test, vi } from "vitest";
import { isRepeatable } from "../src/client/operations.js";
import { copyJson, placesIn, replaceAt } from "../src/json-pointer.js";

describe("what stands where JSON pointers lead", () => {
  const value = { a: "1", list: [{ b: "2" }, { b: "" }, { b: 3 }, { b: null }, "4"], other: { b: "5" }, "c/d": "6" };

  async function shoutAt(pointers: string[]) {
    const copy = copyJson(value);
    await replaceAt(placesIn(copy, pointers), async (text) => (typeof text === "string" ? `${text}!` : text));
    return copy;
  }

  test("is replaced, empty values are left, and pointers that lead nowhere are passed over", async () => {
    const given = structuredClone(value);
    expect(await shoutAt(["/a", "/list/*/b", "/a/b", "/none/b", "/list/b", "/c~1d"])).toEqual({
      ...value,
      a: "1!",
      "c/d": "6!",
    });
    expect(await shoutAt(["/list/*/b"])).toEqual({
      ...value,
      list: [{ b: "2!" }, { b: "" }, { b: 3 }, { b: null }, "4"],
    });
    expect(value).toEqual(given);
  });

  test("is replaced once where several pointers lead", async () => {
    expect(await shoutAt(["/a", "/*"])).toMatchObject({ a: "1!" });
  });

  test("each place is told of where a pointer leads no further", () => {
    const mismatch = vi.fn();
    placesIn(value, ["/list/*/b", "/a/b", "/other/0"], mismatch);
    expect(mismatch.mock.calls).toEqual([["/a"], ["/list/4"]]);
  });

  test("may be a property named __proto__", async () => {
    const copy = copyJson(JSON.parse('{"__proto__":{"a":"1"}}'));
    await replaceAt(placesIn(copy, ["/__proto__/a"]), async () => "2");
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":"2"}}');
    expect({}).not.toHaveProperty("a");
  });
});

test("a copy of JSON is what JSON.stringify sees", () => {
  const seen = {
    boxed: [Object("text"), Object(7), Object(false)],
    nested: { toJSON: (name: string) => ({ name, toJSON: () => "once more" }) },
    list: [undefined, null, { toJSON: (name: string) => name }],
    rest: [new Date(0), new URL("https://x"), Object.assign(Object.create(null), { a: 1 })],
    none: undefined,
    toJSON: undefined,
    ["__proto__"]: { a: 1 },
  };
  expect(JSON.stringify(copyJson(seen))).toBe(JSON.stringify(seen));
  const given = {
    boxed: Object("text"),
    toJSON: () => ({ boxed: Object("text"), date: new Date(0), none: undefined }),
  };
  expect(copyJson(given)).toEqual({ boxed: "text", date: "1970-01-01T00:00:00.000Z" });
  expect(copyJson(undefined)).toBeUndefined();
  expect(copyJson({ toJSON: () => undefined })).toBeUndefined();
});

test("the number by which a write is repeated is a text that is not empty, or a number", () => {
  const isSeen = (body: unknown, idempotent: string) => isRepeatable("POST", idempotent, body);
  const body = { batch: { no: 7 }, empty: "", nil: null, nan: Number.NaN, list: ["1"] };
  expect(isSeen(body, "/batch/no")).toBe(true);
  expect(isSeen(body, "/list/0")).toBe(true);
  for (const pointer of ["/batch/none", "/batch", "/empty", "/nil", "/nan", "/list/1", "/constructor", "/none/no"]) {
    expect(isSeen(body, pointer)).toBe(false);
  }
  expect(isSeen(null, "/a")).toBe(false);
  expect(isSeen(undefined, "/a")).toBe(false);
});
