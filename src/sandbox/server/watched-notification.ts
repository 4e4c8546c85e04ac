import type { Notification, Watchers } from "./watchers.js";

/** How much of an answer's body is told, in bytes, and for how long it is waited for, in ms. */
const LONGEST = 2_000;
const PATIENCE = 5_000;

/** Sends a notification, and tells how it went: who watches must not hold it up, so the answer is returned before its body is read. */
export async function watched(
  watchers: Watchers,
  sent: Omit<Notification, "took">,
  send: () => Promise<Response> | Response,
): Promise<Response> {
  const start = performance.now();
  const tell = (took: number, more: Pick<Notification, "status" | "body" | "error">) =>
    watchers.tell(() => ({ what: "notification", notification: { ...sent, took, ...more } }));
  try {
    const answer = await send();
    const took = performance.now() - start;
    const { status } = answer;
    void beginningOf(answer).then((body) => tell(took, { status, ...(body !== "" && { body }) }));
    return answer;
  } catch (error) {
    tell(performance.now() - start, { error: whyUnanswered(error) });
    throw error;
  }
}

/** The beginning of a body that somebody else reads as well. */
async function beginningOf(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    const reader = answer.clone().body?.getReader();
    const isLate = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), PATIENCE).unref();
    });
    while (reader !== undefined && text.length < LONGEST) {
      const part = await Promise.race([reader.read(), isLate]);
      if (part === undefined || part.done) break;
      text += decoder.decode(part.value, { stream: true });
    }
    // To cancel it would end in an error that nobody hears where the other reader gives up.
    reader?.releaseLock();
  } catch {
    // Read by somebody before, or cut off: there is no more of it.
  }
  return text.slice(0, LONGEST);
}

function whyUnanswered(error: unknown): NonNullable<Notification["error"]> {
  const { name, message, cause } = Object(error) as Partial<Error>;
  if (name === "TimeoutError") return { zh: "5 秒内没有应答。", en: "There was no answer within 5 s." };
  const why = String((cause instanceof Error && (cause.message || Object(cause).code)) || message || error).slice(
    0,
    500,
  );
  return { zh: `没有应答：${why}`, en: `There was no answer: ${why}` };
}
