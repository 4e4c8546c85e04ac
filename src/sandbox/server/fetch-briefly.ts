/** How long WeChat Pay waits for the answer to a notification, in ms. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012071382 */
const PATIENCE = 5_000;
/** How much of an answer is read, in bytes. */
const LONGEST = 65_536;
const WITHOUT_BODY = [204, 205, 304];

/**
 * Sends a request over HTTP, and reads the beginning of its answer. Nothing is left to be read: a body that nobody reads would end in an
 * error that nobody hears when the time is over.
 */
export async function fetchBriefly(request: Request): Promise<Response> {
  const { body, status, headers } = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= LONGEST) break;
    }
  } catch {
    // Cut off, or late: what came will do.
  }
  const read = WITHOUT_BODY.includes(status) ? null : Buffer.concat(chunks).subarray(0, LONGEST);
  return new Response(read, { status, headers });
}
