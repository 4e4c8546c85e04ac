import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import axiosPlugin from "wechatpay-axios-plugin";
import { createNotificationReceiver, paySign, unwrap } from "wechatpay-openapi-fetch";
import { createWeChatPayClient } from "wechatpay-openapi-fetch/pay";
import { createSandbox, type Listening, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { openKeyFolder } from "../../src/cli/key-folder.js";
import { classOf, createPay } from "./wechatpay-node-v3.js";

const OURS = "wechatpay-openapi-fetch";
const DAY = 86_400_000;
/** A pair of the guide: what one does, by the name of the package. */
interface Pair {
  title: string;
  code: Map<string, string>;
}

/** The sections of a page that begin with `## <an SDK>`, each with its pairs of blocks. */
function pairsOf(page: string): Map<string, Pair[]> {
  const sections = page.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [head = "", ...rest] = section.split(/^### /m);
      const pairs = rest.map((text): Pair => {
        const blocks = Array.from(text.matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```$/gms), ([, name = "", code = ""]) => [
          name,
          code,
        ]);
        return { title: text.split("\n", 1)[0] ?? "", code: new Map(blocks as [string, string][]) };
      });
      return [head.trim(), pairs.filter(({ code }) => code.size > 0)];
    }),
  );
}

const [english, chinese] = await Promise.all(
  ["guide/migration.md", "guide/migration.zh-CN.md"].map((name) => readFile(name, "utf8")),
);
const pages = pairsOf(english ?? "");

/** Each pair of guide/migration.md is run as it stands, against one sandbox. */
export const describeMigration = () =>
  describe("guide/migration.md", () => {
    test("shows the same code in Chinese, but for the comments", () => {
      const codeOf = (page: string | undefined) =>
        [...pairsOf(page ?? "").values()]
          .flat()
          .map(({ code }) => [...code.values()].map((each) => each.replace(/ *\/\/ .*$/gm, "")));
      expect(codeOf(chinese)).toEqual(codeOf(english));
      expect(codeOf(english).length).toBeGreaterThan(15);
    });

    let folder: string;
    let sandbox: Sandbox;
    let listening: Listening;
    let scope: Record<string, unknown>;
    let notification: { headers: Record<string, string>; body: string };
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "migration-"));
      const { keys } = await openKeyFolder(folder);
      const certificate = await readFile(join(folder, "apiclient_cert.pem"));
      // wechatpay-node-v3 knows no other keys.
      sandbox = await createSandbox({ keys, platformKeys: "certificate" });
      listening = await sandbox.listen();
      const { credentials } = sandbox;
      const { mchid, serialNo, privateKey, apiV3Key } = credentials;
      const { Wechatpay, Formatter, Rsa, Aes, Hash } =
        axiosPlugin as unknown as typeof import("wechatpay-axios-plugin");
      const wxpay = new Wechatpay({
        mchid,
        serial: serialNo,
        privateKey,
        certs: credentials.platformKeys,
        baseURL: listening.url,
      } as never);
      const WxPay = classOf();
      const own = { mchid, serial_no: serialNo, publicKey: certificate, privateKey, key: apiV3Key };
      const pay = createPay({ appid: "wxd678efh567hg6787", ...own }, listening.url);
      const bill_date = new Date(sandbox.clock() + 8 * 3_600_000).toISOString().slice(0, 10);
      const wechatpay = createWeChatPayClient({ ...credentials, baseUrl: listening.url, clock: sandbox.clock });
      await sandbox.notify(
        "http://127.0.0.1/notify",
        { event_type: "TRANSACTION.SUCCESS" },
        {
          fetch: async (request) => {
            notification = { headers: Object.fromEntries(request.headers), body: await request.text() };
            return new Response(null, { status: 204 });
          },
        },
      );
      const order = {
        appid: "wxd678efh567hg6787",
        description: "测试",
        notify_url: "https://www.example.com/notify",
        openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
      };
      const { openid, ...rest } = order;
      const billed = { ...rest, mchid, out_trade_no: "billed", amount: { total: 100 }, payer: { openid } };
      unwrap(await wechatpay.v3.pay.transactions.jsapi.post({ body: billed }));
      await sandbox.pay(billed);
      // Its bill is there on the next day. The SDKs have the time of this machine.
      sandbox.advance(2 * DAY);
      const names = {
        WxPay,
        Wechatpay,
        Formatter,
        Rsa,
        Aes,
        Hash,
        createWeChatPayClient,
        createNotificationReceiver,
        paySign,
        unwrap,
      };
      scope = { ...credentials, certificate, bill_date, ...order, ...notification, ...names, pay, wxpay, wechatpay };
    });
    afterAll(async () => {
      await listening.close();
      await rm(folder, { recursive: true });
    });

    /** What a block gives: with a number of its own, and paid where the title is of what comes after. */
    async function run(code: string, { title }: Pair, number: string): Promise<unknown> {
      const more = await prepare(title, number);
      const given = { ...scope, ...more };
      const body = code.includes("return ") ? code : `return { made: ${code} }`;
      return new Function(...Object.keys(given), `return (async () => { ${body} })()`)(...Object.values(given));
    }

    async function prepare(title: string, out_trade_no: string) {
      const own = { out_trade_no, out_refund_no: `refund-${out_trade_no}` };
      const { wechatpay } = scope as { wechatpay: ReturnType<typeof createWeChatPayClient> };
      const { mchid, appid, description, notify_url, openid } = scope as Record<string, string> as never as {
        mchid: string;
        appid: string;
        description: string;
        notify_url: string;
        openid: string;
      };
      if (["Query", "Close", "Refund", "Query a refund"].includes(title)) {
        const body = { appid, mchid, description, out_trade_no, notify_url, amount: { total: 100 }, payer: { openid } };
        unwrap(await wechatpay.v3.pay.transactions.jsapi.post({ body }));
        if (title.endsWith("efund")) await sandbox.pay({ out_trade_no });
        const refund = { ...own, amount: { refund: 30, total: 100, currency: "CNY" as const } };
        if (title === "Query a refund") unwrap(await wechatpay.v3.refund.domestic.refunds.post({ body: refund }));
      }
      const transfer = {
        appid,
        out_bill_no: out_trade_no.replaceAll("-", ""),
        transfer_scene_id: "1011",
        transfer_scene_report_infos: [{ info_type: "赔付原因", info_content: "商品质量问题退款" }],
        openid,
        transfer_amount: 400_000,
        transfer_remark: "商品质量问题退款",
      };
      return { ...own, transfer };
    }

    /** What is new each time has the same shape. The text of a Response comes without its byte order mark. */
    const shapeOf = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (key, part) => {
        if (["timeStamp", "nonceStr", "package", "paySign"].includes(key)) return typeof part;
        return typeof part === "string" ? part.replace(/^\ufeff/, "") : part;
      });

    test("names every method of wechatpay-node-v3, and every export of wechatpay-axios-plugin", async () => {
      const types = await readFile(join(import.meta.dirname, "node_modules/wechatpay-node-v3/dist/index.d.ts"), "utf8");
      const methods = Array.from(types.matchAll(/^ {4}(\w+)[<(]/gm), ([, name = ""]) => name);
      const own = [...new Set(methods)].filter((name) => name !== "constructor");
      expect(own.length).toBeGreaterThan(30);
      const { Wechatpay: _, default: __, ...helpers } = axiosPlugin as unknown as Record<string, unknown>;
      const exported = Object.keys(helpers).filter((name) => /^[A-Z]/.test(name));
      expect(exported).toContain("Rsa");
      for (const page of [english, chinese]) {
        expect(own.filter((name) => !page?.includes(`\`${name}\``))).toEqual([]);
        expect(exported.filter((name) => !new RegExp(`\`${name}[.\`]`).test(page ?? ""))).toEqual([]);
      }
    });

    const rows = [...pages].flatMap(([sdk, pairs]) => pairs.map((pair) => ({ sdk, title: pair.title, pair })));
    let count = 0;
    test.each(rows)("$sdk: $title", async ({ sdk, pair }) => {
      expect([...pair.code.keys()]).toEqual([sdk, OURS]);
      const results: unknown[] = [];
      for (const code of pair.code.values()) {
        count += 1;
        results.push(await run(code, pair, `migration-${count}`));
      }
      const [theirs, ours] = results;
      // Not the client itself: that of wechatpay-axios-plugin answers to `then`, so it cannot be returned.
      if (pair.title === "The client")
        return expect([theirs, ours]).toEqual(Array(2).fill({ made: expect.anything() }));
      expect(shapeOf(ours)).toEqual(pair.title === "A QR code" ? expect.stringMatching(/^weixin:/) : shapeOf(theirs));
      expect(ours).toBeTruthy();
    });
  });
