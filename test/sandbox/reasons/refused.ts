import { expect } from "vitest";
import type { ReceivedRequest, Sandbox } from "wechatpay-openapi-fetch/sandbox";

/** The last request, which was refused in words that are complete in each language, beside code without prose. */
export function lastRefused({
  requests,
}: Pick<Sandbox, "requests">): ReceivedRequest & Required<Pick<ReceivedRequest, "reason">> {
  const last = requests.at(-1);
  expect(last?.verdict).not.toBe("accepted");
  expect(last?.reason?.zh).toMatch(/\p{Script=Han}.*[。？]$/u);
  expect(last?.reason?.en).toMatch(/^[^\p{Script=Han}。，：；？！]+[.?]$/u);
  if (last?.fix !== undefined) expect(last.fix).toMatch(/^(?:[-+ ] [^\n\p{Script=Han}]+\n?)+$/u);
  return last as ReturnType<typeof lastRefused>;
}
