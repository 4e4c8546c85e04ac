import { type Bytes, hex } from "../bytes.js";

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

/** One DER element (ITU-T X.690). */
export interface Element {
  tag: number;
  value: Bytes;
  /** What a constructed element consists of; empty for a primitive one. */
  parts: Element[];
}

/** The bytes are no DER, or not the structure that was looked for. */
export class DerError extends Error {}

/**
 * The parts of the one SEQUENCE that `bytes` are, walked to the last leaf, so that no later step meets a wrong length.
 *
 * @throws DerError for anything else, trailing bytes and the long-winded forms of BER included.
 */
export function decode(bytes: Bytes): Element[] {
  const [root, ...more] = elements(bytes, 0);
  if (root?.tag !== SEQUENCE || more.length > 0) throw new DerError();
  return root.parts;
}

function elements(bytes: Bytes, depth: number): Element[] {
  if (depth > DEEPEST) throw new DerError();
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { tag, start, end } = header(bytes, at);
    const value = bytes.subarray(start, end);
    found.push({ tag, value, parts: tag & CONSTRUCTED ? elements(value, depth + 1) : [] });
    at = end;
  }
  return found;
}

function header(bytes: Bytes, at: number): { tag: number; start: number; end: number } {
  const tag = bytes[at] as number;
  const first = bytes[at + 1] ?? 0x80;
  const size = first < 0x80 ? 0 : first - 0x80;
  const start = at + 2 + size;
  const length = size === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  const shortest = size === 0 ? length < 0x80 : length >= Math.max(0x80, 256 ** (size - 1));
  // A length past the end also catches one that was itself cut off: `start` is past the end then.
  if ((tag & 0x1f) === 0x1f || !shortest || start + length > bytes.length) throw new DerError();
  return { tag, start, end: start + length };
}

/** `parts`, shown to begin with these tags. */
export function shape<const Tags extends readonly number[]>(
  parts: Element[],
  ...tags: Tags
): { [Index in keyof Tags]: Element } {
  if (tags.some((tag, index) => parts[index]?.tag !== tag)) throw new DerError();
  return parts as { [Index in keyof Tags]: Element };
}

/** `parts` as that many numbers and nothing else, under the names that their standard gives them. */
export function integers<Name extends string>(parts: Element[], names: readonly Name[]): Record<Name, bigint> {
  if (parts.length !== names.length) throw new DerError();
  const values = parts.map((part) => BigInt(`0x${hex(magnitude(part))}`));
  return Object.fromEntries(names.map((name, index) => [name, values[index]])) as Record<Name, bigint>;
}

/** The bytes of an INTEGER that is not negative, without the sign byte. */
export function magnitude({ tag, value }: Element): Bytes {
  const [first = 0x80, second] = value;
  const padded = first === 0 && second !== undefined;
  if (tag !== INTEGER || first >= 0x80 || (padded && second < 0x80)) throw new DerError();
  if (value.length > LONGEST_INTEGER) throw new DerError();
  return padded ? value.subarray(1) : value;
}

/** A UTCTime or GeneralizedTime as milliseconds since the epoch. */
export function time(element: Element | undefined): number {
  const text = new TextDecoder().decode(element?.value);
  const century = text < "5" ? "20" : "19";
  const full = element?.tag === UTC_TIME ? century + text : element?.tag === GENERALIZED_TIME ? text : "";
  const iso = full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const milliseconds = Date.parse(iso);
  if (iso === full || Number.isNaN(milliseconds)) throw new DerError();
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
