import { createHash } from "node:crypto";
import type { Bytes } from "../../bytes.js";
import type { Reason } from "../reasons/words.js";
import type { SandboxRequest } from "./http.js";

/** A message that may have been signed, in its parts: five lines, how they are joined, and what is then done to the text. */
export interface Draft {
  method: string;
  url: string;
  timestamp: string;
  nonce: string;
  body: string;
  layout: (lines: string[]) => string;
  finish: (text: string) => string | Bytes;
}

type Change<Part extends keyof Draft> = (right: Draft, request: SandboxRequest) => Iterable<Draft[Part]>;

/** A way to sign another message than the one that WeChat Pay expects. */
export type SigningMistake<P extends keyof Draft = keyof Draft> = {
  [Part in P]: {
    part: Part;
    /** What is wrong: a clause that can stand beside others. */
    what: Reason;
    /** What is right: a sentence. */
    advice: Reason;
    /** What to change, as {@link ReceivedRequest.fix}. */
    fix: string;
    /** What the part may have been. Also tried together with a mistake in another part. */
    change?: Change<Part>;
    /** Rare or many further values. Tried after those, without another mistake. */
    alone?: Change<Part>;
  };
}[P];

/** Each line closed by LF. */
export const closed = (lines: string[]) => lines.map((line) => `${line}\n`).join("");

/** Node's, since WebCrypto takes ten times as long for thousands of short messages. */
export function sha256(message: string | Bytes): Bytes {
  return new Uint8Array(createHash("sha256").update(message).digest());
}

/** How languages write a missing value. */
export const UNSET = ["", "undefined", "null", "None", "nil"];
