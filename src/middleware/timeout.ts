import { describe, fromNetwork, type Middleware } from "./call.js";

/**
 * Ends an attempt, its body included, after `timeout` ms or when the caller's signal says so. The timer and the listener end with it.
 * The rejection is the platform's: a `TimeoutError`, or the reason of the caller's signal.
 */
export function withTimeout(timeout: number | false): Middleware {
  return (next) => async (call) => {
    const controller = new AbortController();
    const abort = () => controller.abort(call.signal.reason);
    const expire = () => {
      end();
      controller.abort(new DOMException(`${describe(call)} was not answered within ${timeout} ms.`, "TimeoutError"));
    };
    call.signal.addEventListener("abort", abort);
    const timer = timeout === false ? undefined : setTimeout(expire, timeout);
    const end = () => {
      clearTimeout(timer);
      call.signal.removeEventListener("abort", abort);
    };
    // A race, for a transport may not listen to its signal.
    const aborted = new Promise<never>((_, reject) => {
      controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
    });
    if (call.signal.aborted) abort();
    try {
      const reply = await Promise.race([next({ ...call, signal: controller.signal }), fromNetwork(() => aborted)]);
      // What verification has read is whole; what passed it unread is the caller's to read, and may stall.
      if (call.operation?.response === "unsigned" && reply.status < 300 && reply.body) {
        return streamed(reply, reply.body, aborted, end);
      }
      end();
      return reply;
    } catch (error) {
      end();
      throw error;
    }
  };
}

function streamed(
  reply: Response,
  source: ReadableStream<Uint8Array>,
  aborted: Promise<never>,
  end: () => void,
): Response {
  const reader = source.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await Promise.race([reader.read(), aborted]);
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        end();
        reader.cancel(error).catch(() => {});
        throw error;
      }
    },
    cancel(reason) {
      end();
      return reader.cancel(reason);
    },
  });
  const { status, url } = reply;
  const headers = new Headers(reply.headers);
  // The bytes come decoded.
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  return Object.defineProperty(new Response(body, { status, headers }), "url", { value: url });
}
