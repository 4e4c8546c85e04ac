import { createWeChatPayClient } from "../client.js";
import { ApiError, KeyError, VerificationError } from "../errors.js";
import { isPublicKeyId, normalizeSerial } from "../keys/platform-key.js";
import { unwrap } from "../unwrap.js";
import type { Language } from "./command.js";
import { type Credentials, clientOptions, platformKeysOf } from "./credentials.js";
import type { Finding } from "./doctor-words.js";
import { inBoth } from "./key-words.js";
import { downloadCertificates, type PlatformCertificate } from "./platform-certificates.js";

/** What the last response showed, whether it was accepted or not. */
interface Seen {
  date: string;
  serial: string;
  took: number;
  /** Our clock when it came, in ms. */
  now: number;
}

/** Makes one signed query, and says what it shows. */
export async function tryRoundTrip(credentials: Credentials, language: Language): Promise<Finding[]> {
  let seen: Seen | undefined;
  const watch = async (request: Request): Promise<Response> => {
    const started = performance.now();
    const response = await fetch(request);
    const read = (name: string) => response.headers.get(name) ?? "";
    const took = Math.round(performance.now() - started);
    seen = { date: read("Date"), serial: read("Wechatpay-Serial"), took, now: Date.now() };
    return response;
  };
  const server = credentials.baseUrl?.text ?? "https://api.mch.weixin.qq.com";
  try {
    const options = clientOptions(credentials, language);
    const wechatpay = createWeChatPayClient({ ...options, fetch: watch, retry: false, backupUrl: false });
    if (credentials.apiV3Key === undefined) unwrap(await wechatpay.GET("/v3/certificates"));
    const listed = credentials.apiV3Key && (await downloadCertificates(wechatpay, credentials.apiV3Key.text));
    const key: Finding[] = listed ? [["api-v3-key-right"]] : [];
    return [...ofServer(server, seen), ...key, ...ofPlatformKeys(credentials, seen, listed), ["accepted"]];
  } catch (error) {
    return [...ofServer(server, seen), ...ofFailure(error as Error, server, seen, credentials)];
  }
}

/** The server answered: how far its clock is from ours. */
function ofServer(server: string, seen: Seen | undefined): Finding[] {
  if (seen === undefined) return [];
  const off = Math.round((seen.now - Date.parse(seen.date)) / 1000);
  // A Date has no fractions of a second.
  const seconds = Math.max(0, Math.abs(off) - 1);
  const answers: Finding = ["answers", server, seen.took];
  if (Number.isNaN(off)) return [answers, ["clock-unknown"]];
  if (seconds >= 300) return [answers, [off > 0 ? "clock-ahead" : "clock-behind", seconds]];
  return [answers, [seconds > 30 ? "clock-near" : "clock-right", seconds]];
}

function ofPlatformKeys(
  credentials: Credentials,
  seen: Seen | undefined,
  listed: readonly PlatformCertificate[] | undefined,
): Finding[] {
  const given = Object.keys(platformKeysOf(credentials) ?? {}).filter((serial) => !isPublicKeyId(serial));
  const known = listed?.map(({ serial }) => normalizeSerial(serial));
  const gone = known ? given.filter((serial) => !known.includes(normalizeSerial(serial))) : [];
  const verifies: Finding = ["verifies", seen?.serial ?? ""];
  return [verifies, ...gone.map((serial): Finding => ["unlisted", serial])];
}

/** What a call that failed tells. */
function ofFailure(error: Error, server: string, seen: Seen | undefined, { apiV3Key }: Credentials): Finding[] {
  const isClockOff = seen !== undefined && Math.abs(seen.now - Date.parse(seen.date)) > 300_000;
  if (error instanceof KeyError) return ofKey(error);
  if (error instanceof VerificationError) {
    if (isClockOff) return [["not-accepted-clock"]];
    const unsigned =
      error.reason === "missing-header" || error.reason === "not-base64" || error.reason === "clock-skew";
    if (unsigned) return [["not-wechat-pay", server, error.reason]];
    return [[error.reason === "unknown-serial" ? "key-not-held" : "wrong-platform-key", seen?.serial ?? ""]];
  }
  if (error instanceof ApiError) {
    if (isClockOff) return [["not-accepted-clock"]];
    return ofApiError(error, apiV3Key !== undefined);
  }
  if (seen === undefined && /fetch failed/.test(error.message))
    return [["unreachable", server, causeOf(error)], ["not-sent"]];
  if (error.name === "TimeoutError") return [["unreachable", server, error.message], ["not-sent"]];
  return [
    [/^platformKeys|PLATFORM_KEY/.test(error.message) ? "platform-keys-unreadable" : "malformed", ...inBoth(error)],
    ["not-sent"],
  ];
}

function ofKey(error: KeyError): Finding[] {
  if (error.reason === "wrong-key") return [["api-v3-key-wrong"]];
  if (error.reason === "no-certificates") return [["no-certificates"]];
  return [["platform-keys-unreadable", ...inBoth(error)], ["not-sent"]];
}

/** Which of ours WeChat Pay names as wrong. It judges number, serial, clock and signature in this order. */
function ofApiError({ status, code, message }: ApiError, hasApiV3Key: boolean): Finding[] {
  const said = `${status} ${code} ${message.split(" (", 1)[0]}`;
  if (code === "RESOURCE_NOT_EXISTS") {
    return [...(hasApiV3Key ? [["api-v3-key-unproven"] as const] : []), ["accepted-none"]];
  }
  if (/Wechatpay-Serial|公钥ID|平台证书/i.test(message)) return [["unknown-id", said]];
  if (code !== "SIGN_ERROR") return [["refused", said]];
  if (/证书序列号|serial/i.test(message.split(" (", 1)[0] as string)) return [["wrong-serial", said]];
  if (/商户号|mchid/i.test(message.split(" (", 1)[0] as string)) return [["wrong-mchid", said]];
  return [["wrong-signature", said]];
}

/** Why no connection was made, such as `ECONNREFUSED`. */
function causeOf(error: Error): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === "string") return code;
  }
  return error.message;
}
