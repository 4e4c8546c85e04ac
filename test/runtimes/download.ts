import { createWeChatPayClient, type DownloadableFile, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";

export type Cases = Record<string, DownloadableFile>;

/** Runs on the runtime that is tested: how many bytes each file has, and what its stream ends with. */
export async function downloads(options: WeChatPayClientOptions, cases: Cases): Promise<Record<string, string>> {
  const client = createWeChatPayClient({ ...options, retry: false });
  const outcomes: Record<string, string> = {};
  for (const [name, file] of Object.entries(cases)) {
    let read = 0;
    try {
      const reader = (await client.download(file)).getReader();
      for (let next = await reader.read(); next.value; next = await reader.read()) read += next.value.length;
      outcomes[name] = `${read} bytes`;
    } catch (error) {
      const { reason = "" } = error as { reason?: string };
      outcomes[name] = `${(error as Error).name} ${reason}`.trim();
    }
  }
  return outcomes;
}

const runtime = globalThis as { process?: { argv?: string[]; stdout?: { write(text: string): void } } };
const [given] = runtime.process?.argv?.slice(2) ?? [];
if (given) {
  const [options, cases] = JSON.parse(given) as Parameters<typeof downloads>;
  runtime.process?.stdout?.write(JSON.stringify(await downloads(options, cases)));
}

/** A Worker. */
export default {
  fetch: async (request: Request): Promise<Response> => {
    const [options, cases] = (await request.json()) as Parameters<typeof downloads>;
    return new Response(JSON.stringify(await downloads(options, cases)));
  },
};
