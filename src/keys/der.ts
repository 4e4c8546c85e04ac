import { type Bytes, hex } from "../bytes.js";
import type { PemMistake } from "../explain.js";

export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
const CONSTRUCTED = 0x20;

/** An RSA key of 16384 bits, the most that WebCrypto's implementations take, and a sign byte. */
const LONGEST_INTEGER = 2049;
/** Certificates are some 6 levels deep; the limit keeps hostile bytes off the call stack. */
const DEEPEST = 16;

/** The bytes are no key; which option they were given to is for the catcher to add. By default, they are no DER of the structure that was looked for. */
export class KeyMistake extends Error {
  readonly mistake: PemMistake;
  /** Such as the algorithm that it is for. */
  readonly detail: string;

  constructor(mistake: PemMistake = "malformed", detail = "") {
    super(mistake);
    this.mistake = mistake;
    this.detail = detail;
  }
}

/** One DER element (ITU-T X.690). */
export interface Element {
  tag: number;
  value: Bytes;
  /** What a constructed element consists of; empty for a primitive one. */
  parts: Element[];
}

/**
 * The parts of the one SEQUENCE that `bytes` are, walked to the last leaf, so that no later step meets a wrong length.
 * @throws {KeyMistake} for anything else, trailing bytes and the long-winded forms of BER included.
 */
export function decode(bytes: Bytes): Element[] {
  const [root, ...more] = elements(bytes, 0);
  if (root?.tag !== SEQUENCE || more.length > 0) throw new KeyMistake();
  return root.parts;
}

function elements(bytes: Bytes, depth: number): Element[] {
  if (depth > DEEPEST) throw new KeyMistake();
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number;
    const first = bytes[at + 1] ?? 0x80;
    const size = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + size;
    const length = size === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    const isShortest = size === 0 ? length < 0x80 : length >= Math.max(0x80, 256 ** (size - 1));
    // A length past the end also catches one that was itself cut off: `start` is past the end then.
    if ((tag & 0x1f) === 0x1f || !isShortest || start + length > bytes.length) throw new KeyMistake();
    at = start + length;
    const value = bytes.subarray(start, at);
    found.push({ tag, value, parts: tag & CONSTRUCTED ? elements(value, depth + 1) : [] });
  }
  return found;
}

/** `parts`, shown to begin with these tags. */
export function shape<const Tags extends readonly number[]>(parts: Element[], ...tags: Tags) {
  if (tags.some((tag, index) => parts[index]?.tag !== tag)) throw new KeyMistake();
  return parts as { [Index in keyof Tags]: Element };
}

/** `parts` as that many numbers and nothing else. */
export function integers(parts: Element[], count: number): bigint[] {
  if (parts.length !== count) throw new KeyMistake();
  return parts.map((part) => BigInt(`0x${hex(magnitude(part))}`));
}

/** The bytes of an INTEGER that is not negative, without the sign byte. */
export function magnitude({ tag, value }: Element): Bytes {
  const [first = 0x80, second] = value;
  const isPadded = first === 0 && second !== undefined;
  const isWrong = tag !== INTEGER || first >= 0x80 || (isPadded && second < 0x80) || value.length > LONGEST_INTEGER;
  if (isWrong) throw new KeyMistake();
  return isPadded ? value.subarray(1) : value;
}

/** A UTCTime or GeneralizedTime as milliseconds since the epoch. */
export function time(element: Element | undefined): number {
  const text = new TextDecoder().decode(element?.value);
  const full =
    element?.tag === UTC_TIME ? (text < "5" ? "20" : "19") + text : element?.tag === GENERALIZED_TIME ? text : "";
  const iso = full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const milliseconds = Date.parse(iso);
  if (iso === full || Number.isNaN(milliseconds)) throw new KeyMistake();
  return milliseconds;
}

/** An element as bytes. */
export function encode(tag: number, ...contents: Bytes[]): Bytes {
  const content = contents.flatMap((part) => [...part]);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff);
  const size = content.length < 0x80 ? [content.length] : [0x80 | length.length, ...length];
  return Uint8Array.from([tag, ...size, ...content]);
}
