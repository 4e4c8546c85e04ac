import type { Bytes } from "../../bytes.js";

/** A part of a `multipart/form-data` body. */
export interface Part {
  name: string;
  /** The name that a file has. */
  filename: string | undefined;
  type: string;
  bytes: Bytes;
}

/** A request as it came over the wire, or would have. */
export interface SandboxRequest {
  method: string;
  /** Path and query as sent: what the signature covers. */
  target: string;
  /** Where it was sent to, such as `https://api.mch.weixin.qq.com`. */
  origin: string;
  headers: Headers;
  body: Bytes;
  /** What of the body is signed: all of it, or of an upload the text of `meta`. */
  covered: Bytes;
  /** The parts of an upload; undefined where they cannot be read. */
  parts?: Part[] | undefined;
}

/** A request whose head has come, and whose body has not been read. */
export interface ArrivingRequest extends Omit<SandboxRequest, "body" | "covered" | "parts"> {
  /** A body larger than {@link LARGEST_BODY} may be cut, but to no less than one byte more. */
  readBody(): Promise<Bytes>;
  /** Names and values as they came, one after the other, where `headers` has them otherwise. */
  rawHeaders?: readonly string[];
  /** Ends a reply's body that is still being sent. */
  signal?: AbortSignal;
}

/** Bytes as text with their byte order mark, since a signature covers that as well. */
export const asText = (bytes: Bytes): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** The largest body of a request, in bytes. */
export const LARGEST_BODY = 2 ** 24;

/** A reply before it is signed. */
export interface SandboxReply {
  status: number;
  /** Sent as JSON, or as it stands where there is a `type`; absent for an empty body. */
  body?: unknown;
  /** The media type of a body that is text or bytes, and not JSON. */
  type?: string;
  /** The body before its sensitive fields were encrypted. */
  plain?: unknown;
  headers?: Record<string, string>;
  /** What the operation answered, where a fault put this in its place. */
  replaced?: SandboxReply;
  /** False for a refusal before the request's signature was accepted, and for what the spec describes as unsigned. */
  signed: boolean;
}

/** A reply, or what happens to the connection instead. */
export type Outcome = Response | "refused" | "reset" | "hang";
