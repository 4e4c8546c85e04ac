import type { Fault } from "./faults.js";
import type { SignatureCheck } from "./signature-check.js";
import type { Verdict } from "./verdicts.js";

/** A request that arrived. */
export interface ReceivedRequest {
  /** Absent where path or method lead nowhere. */
  operationId: string | undefined;
  method: string;
  /** Path and query, as sent. */
  path: string;
  verdict: Verdict;
  /**
   * Why it was refused: a sentence that names the wrong value beside the right one, in Chinese and in English; absent where it was accepted.
   * It holds no value of the query or of the body.
   */
  reason?: { zh: string; en: string };
  /** What to change, as code or headers, where that helps: lines that begin with `- `, `+ ` or two blanks. */
  fix?: string;
  /**
   * The body as JSON, its sensitive fields decrypted; as text where it is not JSON; absent where it is empty. Of an upload `meta`, and
   * `file` with its name, type, size and SHA-256 in place of its content.
   */
  body: unknown;
  /** HTTP status of the reply, even where a fault kept it from arriving. */
  status: number;
  /** What went wrong on purpose. */
  fault?: Fault;
  /** Why the sandbox failed, such as the stack of what a behaviour threw; with the verdict `sandbox-error` only. */
  error?: string;
  /** Why the signature is wrong, as far as it tells; with the verdict `wrong-signature` only. */
  signature?: SignatureCheck;
}

/** A request that met the fault `refused`: no connection, so it never arrived. */
export interface UnconnectedRequest {
  operationId: string | undefined;
  method: string;
  /** Path and query. */
  path: string;
  /** By the sandbox's clock: ms since the epoch. */
  at: number;
}
