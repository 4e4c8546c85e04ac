/** WeChat Pay's production server (主域名). */
export const PRODUCTION = "https://api.mch.weixin.qq.com";
/** WeChat Pay's backup server (备域名). Source: https://pay.weixin.qq.com/doc/v3/merchant/4012075113 */
export const BACKUP = "https://api2.mch.weixin.qq.com";

/** Says what `option` should be, and never what it was: secrets get pasted into the wrong place. */
export function requireOption(option: string, fits: boolean, wanted: string, given: unknown): asserts fits {
  if (fits) return;
  const kind =
    typeof given === "string" ? `a text of ${given.length} characters` : given === null ? "null" : typeof given;
  throw new TypeError(`${option} must be ${wanted}; given: ${kind}.`);
}

/** As {@link requireOption}, for an option that may be left out and else is a function. */
export function requireFunction(option: string, given: unknown): void {
  requireOption(option, given === undefined || typeof given === "function", "a function", given);
}

/** As {@link requireOption}, for a text that is not empty. */
export function requireText(option: string, given: unknown): asserts given is string {
  requireOption(option, typeof given === "string" && given !== "", "a text that is not empty", given);
}

/**
 * As {@link requireOption}, for one of a few words. What was given is shown: not for an option whose place a secret may be pasted into.
 * @throws {TypeError} naming the option, and what it takes.
 */
export function requireOneOf(option: string, given: unknown, allowed: Iterable<unknown>): void {
  const known = [...allowed];
  if (known.includes(given)) return;
  throw new TypeError(`${option} must be one of ${known.join(", ")}; given: ${JSON.stringify(given)}.`);
}

/**
 * The origin of a base URL. A path before `/v3` would be signed, and whoever strips it breaks the signature.
 * @throws {TypeError} if it is more than an origin.
 */
export function readBaseUrl(option: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const fits = url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  requireOption(option, fits, `an origin such as ${PRODUCTION}, without path, query or credentials`, value);
  return url.origin;
}

/** Nothing signed leaves for an origin that was not configured. */
export function refuseOrigin(url: URL, origins: readonly (string | undefined)[]): void {
  if (origins.includes(url.origin)) return;
  throw new TypeError(
    `Not signed and not sent: ${url.origin} is not the configured baseUrl (${origins.filter(Boolean).join(", ")}).`,
  );
}

/**
 * Refuses a name that no option has, for a misspelt one would be passed over in silence.
 * @throws {TypeError} naming it, and those there are.
 */
export function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(
    `${JSON.stringify(unknown.slice(0, 40))} is not an option of ${what}; it takes ${known.join(", ")}.`,
  );
}

/**
 * Refuses an option that is written otherwise (`baseURL`, `serial_no`), for it would be passed over in silence. Names that resemble none
 * are let through: options may be spread from something that holds more.
 * @throws {TypeError} naming the one that is meant.
 */
export function refuseMisspelt(given: object, known: readonly string[]): void {
  const plain = (name: string) => name.toLowerCase().replace(/[_-]/g, "");
  for (const name of Object.keys(given)) {
    const meant = known.find((each) => plain(each) === plain(name));
    if (meant !== undefined && meant !== name) throw new TypeError(`${name} is written ${meant}.`);
  }
}

/**
 * The bytes of an APIv3 key.
 * @throws {TypeError} if it is no text of 32 bytes.
 */
export function readApiV3Key(value: unknown): Uint8Array<ArrayBuffer> {
  const key = new TextEncoder().encode(typeof value === "string" ? value : "");
  requireOption("apiV3Key", key.length === 32, "the APIv3 key, a text of 32 bytes", value);
  return key;
}

/** Whether `value` is the serial of a certificate: hex, without colons. */
export function isSerial(value: unknown): boolean {
  return typeof value === "string" && /^[0-9A-Fa-f]{1,64}$/.test(value);
}

/** Whether `value` is an object with names, and no array. */
export function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The API never redirects, and a signature is made for one host and path.
 * @throws {TypeError} where a reply is a redirect, or the transport followed one by itself.
 */
export function refuseRedirect({ type, redirected, status, body }: Response, call: string): void {
  if (type !== "opaqueredirect" && !redirected && !(status >= 300 && status < 400)) return;
  // Not waited for: who redirects may as well keep the body open.
  body?.cancel().catch(() => {});
  throw new TypeError(
    `${call} was answered with a redirect (${status}), which WeChat Pay's API never does. It was not followed: a signature is made for one host and path. Check baseUrl and what stands between.`,
  );
}
