import { type Authorization, SCHEME } from "../../wire/sign.js";

/**
 * Reads an `Authorization` header's value; the order of the five values is free. `undefined` where the scheme is another one, a
 * value is missing or twice there, or the form is not `name="value"` joined by commas.
 */
export function parseAuthorization(header: string): Authorization | undefined {
  const [scheme, rest, ...more] = header.split(" ");
  if (scheme !== SCHEME || rest === undefined || more.length > 0) return undefined;
  const values = new Map<string, string>();
  for (const pair of rest.split(",")) {
    const [, name, value] = /^([a-z_]+)="([^"]*)"$/.exec(pair) ?? [];
    if (name === undefined || value === undefined || values.has(name)) return undefined;
    values.set(name, value);
  }
  const mchid = values.get("mchid");
  const nonce = values.get("nonce_str");
  const timestamp = values.get("timestamp");
  const serialNo = values.get("serial_no");
  const signature = values.get("signature");
  if (!mchid || !nonce || !timestamp || !serialNo || !signature || values.size !== 5) return undefined;
  return { mchid, nonce, timestamp, serialNo, signature };
}
