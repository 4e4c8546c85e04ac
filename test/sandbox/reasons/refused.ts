import { expect } from "vitest";
import type { ReceivedRequest, Sandbox } from "wechatpay-openapi-fetch/sandbox";

/** Three English words in a row: a name or a value has fewer. */
const ENGLISH = /[a-z]+ [a-z]+ [a-z]+/i;
const CHINESE_MARKS = /[。，：；？！、]/;

/** A request that was refused says why, in a sentence that is complete in each language, beside code without prose. */
export function expectWords({ verdict, reason, fix }: ReceivedRequest): void {
  if (verdict === "accepted") {
    expect([reason, fix]).toEqual([undefined, undefined]);
    return;
  }
  expect(reason?.zh).toMatch(/\p{Script=Han}.*[。？]$/u);
  expect(reason?.zh).not.toMatch(ENGLISH);
  expect(reason?.en).toMatch(/^[^\p{Script=Han}]*[a-z]{2} .*[.?]$/iu);
  expect(reason?.en).not.toMatch(CHINESE_MARKS);
  if (fix !== undefined) expect(fix).toMatch(/^(?:[-+ ] [^\n\p{Script=Han}]+\n?)+$/u);
}

/** The last request, which was refused. */
export function lastRefused({ requests }: Pick<Sandbox, "requests">) {
  const last = requests.at(-1);
  expect(last?.verdict).not.toBe("accepted");
  expectWords(last as ReceivedRequest);
  return last as ReceivedRequest & Required<Pick<ReceivedRequest, "reason">>;
}
