import { type Bytes, fromBase64, hex } from "../../bytes.js";
import { requestMessage } from "../../wire/sign.js";
import { isMultipart } from "../api/multipart.js";
import type { Why } from "../reasons/words.js";
import { parseAuthorization } from "./authorization.js";
import { asText, type SandboxRequest } from "./http.js";
import { maskOf } from "./mask.js";
import type { Merchant } from "./merchant.js";
import {
  type Cause,
  hashCause,
  mistaken,
  NO_PADDING,
  noMeta,
  OTHER_KEY,
  PSS,
  SHA_256,
  unknown,
  WHOLE_UPLOAD,
} from "./signature-causes.js";
import type { SignatureCheck } from "./signature-check.js";
import { formCause } from "./signature-form.js";
import { closed, type Draft, type SigningMistake, sha256 } from "./signing-mistake.js";
import { MISTAKES } from "./signing-mistakes.js";

/** What is found out about a wrong signature: the message that was signed, if any, and why. */
interface Found {
  expected: string;
  signed?: string;
  cause: Cause;
}

/** Why the signature of a request is wrong, as a refusal says it. */
export async function explainSignature(
  request: SandboxRequest,
  merchant: Merchant,
): Promise<Why & { signature: SignatureCheck }> {
  const { expected, signed, cause } = await checkSignature(request, merchant);
  const { headline, advice, fix } = cause;
  const whole = { zh: headline.zh + advice.zh, en: `${headline.en} ${advice.en}` };
  const place = signed !== undefined && { signed, differsAt: firstDifference(signed, expected) };
  const signature = { expected, ...place, cause: whole, advice };
  return { reason: headline, ...(fix !== undefined && { fix }), signature };
}

/** The message that WeChat Pay builds from a request; absent where `Authorization` cannot be read. */
export function expectedMessage({ method, target, headers, covered: body }: SandboxRequest): string | undefined {
  const authorization = parseAuthorization(headers.get("Authorization") ?? "");
  if (authorization === undefined) return undefined;
  const { timestamp, nonce } = authorization;
  return asText(requestMessage({ method, target, timestamp, nonce, body }));
}

/**
 * Why the signature of a request is wrong. A signature of RSA with PKCS#1 v1.5 gives back the hash of the signed message. So the message can
 * be guessed, and the guess is right when the hashes are equal.
 */
async function checkSignature(request: SandboxRequest, merchant: Merchant): Promise<Found> {
  const {
    signature = "",
    timestamp = "",
    nonce = "",
  } = parseAuthorization(request.headers.get("Authorization") ?? "") ?? {};
  const expected = expectedMessage(request) ?? "";
  const { n = "" } = await crypto.subtle.exportKey("jwk", merchant.verifyingKey);
  const modulus = Buffer.from(n, "base64url");
  const bytes = fromBase64(signature);
  if (bytes?.length !== modulus.length) return { expected, cause: formCause(signature, bytes, modulus.length) };

  const encoded = recover(bytes, modulus);
  const [, content] = /^0001(?:ff){8,}00((?:..)*)$/.exec(encoded) ?? [];
  if (content === undefined)
    return { expected, cause: isPss(encoded) ? PSS : isBare(encoded) ? NO_PADDING : OTHER_KEY };
  const digest = content.startsWith(SHA_256) ? content.slice(SHA_256.length) : "";
  if (digest.length !== 64) return { expected, cause: hashCause(content) };

  const { method, target: url, covered: body } = request;
  if (isMultipart(request.headers)) {
    const metas = request.parts?.filter(({ name }) => name === "meta").length;
    if (metas !== 1) return { expected, cause: noMeta(metas) };
    const whole = requestMessage({ method, target: url, timestamp, nonce, body: request.body });
    if (hex(sha256(whole)) === digest) return { expected, cause: WHOLE_UPLOAD };
  }
  const right = { method, url, timestamp, nonce, body: asText(body), layout: closed, finish: (text: string) => text };
  const found = search(right, request, digest);
  if (found === undefined) return { expected, cause: unknown(right.body) };
  const cause = mistaken(found.mistakes, isMultipart(request.headers));
  // Where a digest was signed as if it were the message, there is no text to show.
  return typeof found.message === "string" ? { expected, signed: found.message, cause } : { expected, cause };
}

/** What was signed with the private key, padding included: `signature ** 65537 % modulus`, in hex. */
function recover(signature: Bytes, modulus: Bytes): string {
  const n = BigInt(`0x${hex(modulus)}`);
  const s = BigInt(`0x${hex(signature)}`);
  let power = s;
  for (let squared = 0; squared < 16; squared++) power = (power * power) % n;
  return ((power * s) % n).toString(16).padStart(modulus.length * 2, "0");
}

/** Whether there is no padding: nothing but a number that is far smaller than the modulus. */
const isBare = (encoded: string): boolean => encoded.startsWith("0".repeat(64));

/** Whether it has the form of RSA-PSS with SHA-256 (RFC 8017, 9.1.2), whatever the message. */
function isPss(encoded: string): boolean {
  if (!encoded.endsWith("bc")) return false;
  const [, masked = "", hash = ""] = /^(.*)(.{64})bc$/.exec(encoded) ?? [];
  const mask = maskOf(Buffer.from(hash, "hex"), masked.length / 2, "sha256").toString("hex");
  const unmasked = BigInt(`0x${masked}`) ^ BigInt(`0x${mask}`);
  // The first bit is cleared after the mask; zeros and a 1 stand before the salt.
  const salted = (unmasked & ((1n << BigInt(masked.length * 4 - 1)) - 1n)).toString(16);
  return salted.length % 2 === 1 && salted.startsWith("1");
}

/** The most to hash for a request, in characters. */
const MOST_HASHED = 2 ** 24;
/** A longer body is not rewritten: it was signed as it is, or not at all. */
const LONGEST_REWRITTEN = 2 ** 16;

function search(
  right: Draft,
  request: SandboxRequest,
  digest: string,
): { mistakes: SigningMistake[]; message: string | Bytes } | undefined {
  let hashed = 0;
  for (const { mistakes, change } of candidates(right, request)) {
    const { method, url, timestamp, nonce, body, layout, finish } = { ...right, ...change };
    const message = finish(layout([method, url, timestamp, nonce, body]));
    hashed += message.length;
    if (hashed > MOST_HASHED) return undefined;
    if (hex(sha256(message)) === digest) return { mistakes, message };
  }
  return undefined;
}

interface Candidate {
  mistakes: SigningMistake[];
  change: Partial<Draft>;
}

/** Each mistake alone, and then any two in different parts. */
function* candidates(right: Draft, request: SandboxRequest): Iterable<Candidate> {
  const isLong = right.body.length > LONGEST_REWRITTEN;
  const from = isLong ? { ...right, body: "" } : right;
  const sent = isLong ? { ...request, covered: new Uint8Array() } : request;
  const made: { mistake: SigningMistake; change: Partial<Draft> }[] = [];
  for (const tries of ["change", "alone"] as const) {
    for (const mistake of MISTAKES) {
      for (const value of values(() => mistake[tries]?.(from, sent), right[mistake.part])) {
        const change = { [mistake.part]: value };
        yield { mistakes: [mistake], change };
        if (tries === "change") made.push({ mistake, change });
      }
    }
  }
  for (const [index, one] of made.entries()) {
    for (const other of made.slice(index + 1)) {
      if (one.mistake.part === other.mistake.part) continue;
      yield { mistakes: [one.mistake, other.mistake], change: { ...one.change, ...other.change } };
    }
  }
}

/** Each value once, but not the right one. */
function* values<Value>(make: () => Iterable<Value> | undefined, right: Value): Iterable<Value> {
  const seen = new Set([right]);
  try {
    for (const value of make() ?? []) {
      if (!seen.has(value)) yield value;
      seen.add(value);
    }
  } catch {
    // This mistake cannot be made: the body is not JSON or not an object, or the URL cannot be decoded.
  }
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
