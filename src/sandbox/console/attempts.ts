import { createHash } from "node:crypto";
import type { Exchange } from "../server/watchers.js";

/** Until when a call that failed counts as one that is repeated, in ms; and how many are kept in mind. */
const MINUTE = 60_000;
const KEPT = 1_000;

/** Tells a call that is repeated from a new one: by method, path and body. */
export class Attempts {
  /** Of those that failed: when, and how often. The oldest first. */
  readonly #failed = new Map<string, { at: number; attempt: number }>();

  /** Which attempt of a call this is, from 1. */
  count({ request, body, at }: Exchange): number {
    const { method, path, status, fault } = request;
    const key = createHash("sha256").update(`${method} ${path}\n`).update(body).digest("base64");
    const earlier = this.#failed.get(key);
    const attempt = earlier !== undefined && Math.abs(at - earlier.at) <= MINUTE ? earlier.attempt + 1 : 1;
    this.#failed.delete(key);
    if (fault !== undefined || status === 429 || status >= 500) this.#failed.set(key, { at, attempt });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > KEPT && oldest !== undefined) this.#failed.delete(oldest);
    return attempt;
  }

  clear(): void {
    this.#failed.clear();
  }
}
