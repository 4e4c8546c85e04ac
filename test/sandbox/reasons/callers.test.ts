import { describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { examples, NOW, PRE_ORDER } from "../../support/wechatpay.js";
import { type Parts, send } from "../signed.js";
import { lastRefused } from "./refused.js";

const sandbox = await createSandbox({ clock: () => NOW, platformKeys: "gray" });
const { mchid, serialNo, platformKeys } = sandbox.credentials;
const [id, certificate] = Object.keys(platformKeys) as [string, string];
const SECONDS = NOW / 1000;

async function refuse(parts: Parts) {
  await send(sandbox, { target: PRE_ORDER, body: JSON.stringify(examples.request), ...parts });
  return lastRefused(sandbox);
}

const colons = (serial: string) => serial.replace(/..(?=.)/g, "$&:");
const decimal = (serial: string) => String(BigInt(`0x${serial}`));

test.each([
  [["Accept"], "The header Accept is missing or empty.", "缺少请求头 Accept，或为空。"],
  [["User-Agent"], "The header User-Agent is missing or empty.", "缺少请求头 User-Agent，或为空。"],
  [
    ["Accept", "User-Agent"],
    "The headers Accept and User-Agent are missing or empty.",
    "缺少请求头 Accept、User-Agent，或为空。",
  ],
])("headers that are missing are named: %s", async (names, en, zh) => {
  const { verdict, reason, fix } = await refuse({ headers: Object.fromEntries(names.map((name) => [name, null])) });
  expect([verdict, reason]).toEqual(["missing-header", { en, zh }]);
  expect(fix?.split("\n")).toEqual(names.map((name) => expect.stringMatching(`^\\+ ${name}: `)));
});

describe("another mchid stands beside the sandbox's", () => {
  test.each([
    [
      "1234567890",
      "You sent mchid 1234567890; the sandbox's is 1900000109.",
      "你发送的 mchid 是 1234567890，沙箱的是 1900000109。",
    ],
    [
      examples.request.sub_mchid,
      `You sent mchid ${examples.request.sub_mchid}, the sub-merchant's; the sandbox's is 1900000109.`,
      `你发送的 mchid 是 ${examples.request.sub_mchid}（特约商户号），沙箱的是 1900000109。`,
    ],
    [
      "wxd678efh567hg6787",
      "You sent mchid wxd678efh567hg6787; the sandbox's is 1900000109.",
      "你发送的 mchid 是 wxd678efh567hg6787，沙箱的是 1900000109。",
    ],
    [
      "wx8888888888888888",
      "You sent mchid wx8888888888888888, an AppID; the sandbox's is 1900000109.",
      "你发送的 mchid 是 wx8888888888888888（这是 AppID），沙箱的是 1900000109。",
    ],
  ])("%s", async (sent, en, zh) => {
    const { verdict, reason, fix } = await refuse({ mchid: sent });
    expect([verdict, reason]).toEqual(["unknown-mchid", { en, zh }]);
    expect(fix).toBe(`- mchid="${sent}"\n+ mchid="1900000109"`);
  });
});

describe("another serial_no stands beside the sandbox's, with what it is", () => {
  const strange = "444F4864EA9B34415D6E36A1F9D09C2FCE6CCF12";
  const must = `it must be the merchant certificate's, ${serialNo}.`;
  test.each([
    ["no serial that is known", strange, `You sent serial_no ${strange}; the sandbox's is ${serialNo}.`],
    ["the public key's ID", id, `serial_no ${id} is the ID of WeChat Pay's public key; ${must}`],
    [
      "a certificate's of WeChat Pay",
      certificate,
      `serial_no ${certificate} is the serial of WeChat Pay's certificate; ${must}`,
    ],
    ["another public key's", "PUB_KEY_ID_0114", `serial_no PUB_KEY_ID_0114 is the ID of another public key; ${must}`],
    ["the mchid", mchid, `serial_no ${mchid} is the mchid; ${must}`],
    ["its own in decimal", decimal(serialNo), `serial_no ${decimal(serialNo)} is in decimal: send ${serialNo}.`],
    ["its own with colons", colons(serialNo), `serial_no ${colons(serialNo)} has colons or blanks: send ${serialNo}.`],
    ["its own with 0x", `0x${serialNo}`, `serial_no 0x${serialNo} begins with 0x: send ${serialNo}.`],
    [
      "what openssl prints",
      `serial=${serialNo}`,
      `serial_no serial=${serialNo} has characters too many: send ${serialNo}.`,
    ],
  ])("%s", async (_what, sent, en) => {
    const { verdict, reason, fix } = await refuse({ serialNo: sent });
    expect([verdict, reason.en]).toEqual(["unknown-serial", en]);
    expect(reason.zh).toContain(sent);
    expect(reason.zh).toContain(serialNo);
    expect(fix).toBe(`- serial_no="${sent}"\n+ serial_no="${serialNo}"`);
  });

  test("no certificate is made for it", async () => {
    const fresh = await createSandbox({ clock: () => NOW });
    await send(fresh, { target: PRE_ORDER, serialNo: strange });
    expect(lastRefused(fresh).reason.en).toBe(
      `You sent serial_no ${strange}; the sandbox's is ${fresh.credentials.serialNo}.`,
    );
  });
});

describe("a timestamp that is too far off, or none", () => {
  const units = (sent: string, unit: string) => `${sent} is in ${unit}: send ${SECONDS}.`;
  const other = (sent: string, what: string) =>
    `timestamp ${sent} ${what}: it must be whole seconds, such as ${SECONDS}.`;
  const off = (by: number, how: string) => `timestamp ${SECONDS + by} is ${how}`;
  const time = `the sandbox's time, ${SECONDS} (20:34:20 in Beijing)`;
  test.each<[string, string | number, string, RegExp]>([
    ["milliseconds", NOW, units(String(NOW), "milliseconds"), /^1554208460000 的单位是毫秒，应发送 1554208460。$/],
    ["microseconds", `${NOW}000`, units(`${NOW}000`, "microseconds"), /微秒/],
    ["nanoseconds", `${NOW}000000`, units(`${NOW}000000`, "nanoseconds"), /纳秒/],
    ["a date", "2019-04-02T20:34:20+08:00", other("2019-04-02T20:34:20+08:00", "is a date"), /是日期/],
    ["APIv2's date", "20190402203420", other("20190402203420", "is a date"), /是日期/],
    ["a word", "now", other("now", "is not a number"), /不是数字/],
    ["a fraction", `${SECONDS}.5`, other(`${SECONDS}.5`, "has a fraction"), /有小数/],
    ["too many digits", "1".repeat(12), other("1".repeat(12), "has too many digits"), /位数不对/],
    [
      "301 s behind",
      SECONDS - 301,
      off(-301, `301 s behind ${time}; 300 s are allowed.`),
      /^时间戳 1554208159 比沙箱时间 1554208460（北京时间 20:34:20）慢 301 秒，最多允许相差 300 秒。$/,
    ],
    ["2,000 s ahead", SECONDS + 2000, off(2000, `2,000 s ahead of ${time}; 300 s are allowed.`), /快 2,000 秒/],
    [
      "local time as UTC",
      SECONDS + 8 * 3600 + 2,
      off(28_802, `28,802 s ahead of ${time}: 8 h, as if local time were taken for UTC.`),
      /快 28,802 秒，即 8 小时：可能把本地时间当成了 UTC。$/,
    ],
    [
      "the same the other way",
      SECONDS - 8 * 3600,
      off(-28_800, `28,800 s behind ${time}: 8 h, as if local time were taken for UTC.`),
      /慢 28,800 秒，即 8 小时/,
    ],
  ])("%s", async (_what, timestamp, en, zh) => {
    const { verdict, reason } = await refuse({ timestamp });
    expect([verdict, reason.en]).toEqual(["clock-skew", en]);
    expect(reason.zh).toMatch(zh);
  });
});

describe("Wechatpay-Serial that names no key stands beside those in force", () => {
  const inForce = `in force are ${id} and ${certificate}.`;
  test.each([
    [
      "an unknown one",
      "PUB_KEY_ID_0114",
      `Wechatpay-Serial PUB_KEY_ID_0114 is the ID of another public key; ${inForce}`,
    ],
    ["an unknown certificate's", "1234ABCD", `You sent Wechatpay-Serial 1234ABCD; ${inForce}`],
    ["the merchant's own", serialNo, `Wechatpay-Serial ${serialNo} is your own merchant certificate's; ${inForce}`],
    [
      "its own in decimal",
      decimal(certificate),
      `Wechatpay-Serial ${decimal(certificate)} is in decimal: send ${certificate}.`,
    ],
    ["an ID without PUB_KEY_ID_", id.slice(11), `Wechatpay-Serial ${id.slice(11)} lacks its PUB_KEY_ID_: send ${id}.`],
  ])("%s", async (_what, sent, en) => {
    const { verdict, reason, fix } = await refuse({ headers: { "Wechatpay-Serial": sent } });
    expect([verdict, reason.en]).toEqual(["unknown-platform-key", en]);
    expect(reason.zh).toContain(sent);
    expect(fix).toMatch(/^- Wechatpay-Serial: .+\n\+ Wechatpay-Serial: .+$/);
  });

  test("a certificate that has not started", async () => {
    const own = await createSandbox({ clock: () => NOW, platformKeys: "certificate" });
    const [old] = Object.keys(own.credentials.platformKeys);
    const next = await own.rotate();
    await send(own, { target: PRE_ORDER, headers: { "Wechatpay-Serial": next } });
    expect(lastRefused(own).reason).toEqual({
      en: `Wechatpay-Serial ${next} is the serial of a certificate of WeChat Pay's that is not in force; in force is ${old}.`,
      zh: `Wechatpay-Serial ${next} 是不在有效期内的平台证书序列号，当前有效的是 ${old}。`,
    });
  });
});

describe("what a caller sends goes into a sentence without harm", () => {
  const hostile = `\u202e\u0007${"9".repeat(5000)}`;
  test.each<[string, Parts]>([
    ["mchid", { mchid: hostile }],
    ["serial_no", { serialNo: hostile }],
    ["timestamp", { timestamp: hostile }],
    ["Wechatpay-Serial", { headers: { "Wechatpay-Serial": "9".repeat(5000) } }],
  ])("%s: cut, and without control characters", async (what, parts) => {
    const headers = { ...parts.headers };
    // Over HTTP, headers are bytes.
    const asBytes = (text: unknown) => Buffer.from(String(text)).toString("latin1");
    const { mchid, serialNo, timestamp } = parts;
    const { reason, fix = "" } = await refuse({
      ...(mchid && { mchid: asBytes(mchid) }),
      ...(serialNo && { serialNo: asBytes(serialNo) }),
      ...(timestamp && { timestamp: asBytes(timestamp) }),
      headers,
    });
    for (const text of [reason.en, reason.zh]) {
      // What is no number or serial may be anything.
      expect(text).toMatch(what === "timestamp" ? /9{70,80}…/ : new RegExp(`${what} (是 )?…`));
      expect(text.length).toBeLessThan(300);
      expect(text).not.toMatch(/\p{C}/u);
    }
    expect(fix.length).toBeLessThan(300);
  });

  test("a key in place of a number, by a mistaken variable, is not repeated", async () => {
    const { apiV3Key, privateKey } = sandbox.credentials;
    const line = privateKey.split("\n")[1] as string;
    for (const key of [apiV3Key, line]) {
      for (const parts of [{ mchid: key }, { serialNo: key }, { headers: { "Wechatpay-Serial": key } }])
        expect(JSON.stringify(await refuse(parts))).not.toContain(key.slice(0, 16));
    }
  });
});
