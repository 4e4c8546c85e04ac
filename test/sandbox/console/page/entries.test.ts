import { beforeEach, expect, test, vi } from "vitest";
import type { Entry } from "../../../../src/sandbox/console/messages.js";
import { addEntries, clearEntries, findEntry, newestSeq } from "../../../../src/sandbox/console/page/entries.js";
import { changed, counts, entries } from "../../../../src/sandbox/console/page/store.js";

const frames: (() => void)[] = [];
vi.stubGlobal("requestAnimationFrame", (frame: () => void) => frames.push(frame));
/** The browser draws. */
const draw = () => {
  for (const frame of frames.splice(0)) frame();
};

const request = (id: number, seq = id, path = `/v3/${id}`): Entry => ({
  kind: "request",
  seq,
  id,
  at: 0,
  took: 1,
  operationId: undefined,
  method: "GET",
  path,
  verdict: "unknown-path",
  status: 404,
  words: "",
});
const now = (arrived: number) => ({ arrived, dropped: 0 });

beforeEach(() => {
  clearEntries(now(0));
  draw();
});

test("what arrives between two frames is drawn once", () => {
  const before = changed.value;
  for (let id = 1; id <= 100; id++) addEntries([request(id)], now(id));
  expect([changed.value, counts.value.arrived]).toEqual([before, 0]);
  expect(frames).toHaveLength(1);
  draw();
  expect([changed.value, counts.value.arrived]).toEqual([before + 1, 100]);
});

test("an entry that has changed takes the place of what it was", () => {
  addEntries([request(1), request(2)], now(2));
  addEntries([request(1, 3, "/v3/changed")], now(2));
  expect(entries.map((entry) => entry.seq)).toEqual([3, 2]);
  expect(findEntry("request", 1)).toMatchObject({ path: "/v3/changed" });
  expect(newestSeq()).toBe(3);
});

test("of 25,000 requests the newest 10,000 are kept, and found", () => {
  for (let id = 1; id <= 25_000; id += 100)
    addEntries(
      Array.from({ length: 100 }, (_, i) => request(id + i)),
      now(id),
    );
  expect(entries.length).toBeGreaterThanOrEqual(10_000);
  expect(entries.length).toBeLessThanOrEqual(10_500);
  expect(findEntry("request", 25_000)?.path).toBe("/v3/25000");
  expect(findEntry("request", 16_000)?.path).toBe("/v3/16000");
  expect(findEntry("request", 1)).toBeUndefined();
  addEntries([request(20_000, 25_001, "/v3/changed")], now(25_000));
  expect(findEntry("request", 20_000)?.path).toBe("/v3/changed");
});
