import { createWeChatPayClient, outcomeOf, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";
import type { Call, Outcome } from "./failover.test.js";

type AnyClient = Record<"GET" | "POST", (path: string, init: object) => Promise<{ response: Response }>>;

/** Runs on the runtime that is tested: what becomes of calls whose first server is as each case says. */
export async function failover(
  cases: Record<string, [WeChatPayClientOptions, Call]>,
): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const [name, [options, { method, path, body }]] of Object.entries(cases)) {
    const client = createWeChatPayClient({ ...options, retry: false }) as never as AnyClient;
    try {
      const { response } = await client[method](path, body ? { body } : {});
      outcomes[name] = `answered ${response.status}`;
    } catch (error) {
      outcomes[name] = `${(error as Error).name}, ${outcomeOf(error) ?? "nothing was sent"}`;
    }
  }
  return outcomes;
}

if ("Deno" in globalThis) process.stdout.write(JSON.stringify(await failover(JSON.parse(process.argv[2] as string))));

/** A Worker. */
export default {
  fetch: async (request: Request): Promise<Response> =>
    new Response(JSON.stringify(await failover((await request.json()) as Parameters<typeof failover>[0]))),
};
