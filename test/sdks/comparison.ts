import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import axiosPlugin from "wechatpay-axios-plugin";
import { unwrap } from "wechatpay-openapi-fetch";
import { createWeChatPayClient } from "wechatpay-openapi-fetch/pay";
import { createSandbox, type Listening, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../generated/openapi.json" with { type: "json" };
import openapiOfPay from "../../generated/pay/openapi.json" with { type: "json" };
import manifest from "../../package.json" with { type: "json" };
import { openKeyFolder } from "../../src/cli/key-folder.js";
import { type Aspect, COMPARED, type Compared, comparisonOf, OURS } from "../support/comparison.js";
import { openAllInEditor } from "../support/language-service.js";
import { classOf } from "./wechatpay-node-v3.js";

const require = createRequire(import.meta.url);
const PRODUCTION = "https://api.mch.weixin.qq.com";
const ORDER = "/v3/pay/transactions/jsapi";
const TRANSFER = "/v3/fund-app/mch-transfer/transfer-bills";
const NAME = "张三";
const each = COMPARED.map((name) => ({ name }));
const theirs = COMPARED.filter((name) => name !== OURS);

const { cells, versions } = await comparisonOf("README.md");
const is = (mark: string) => (aspect: Aspect, name: Compared) => cells[aspect][name].startsWith(mark);
const [has, hasPartly] = [is("✓"), is("◐")] as const;

type Headers = Record<string, string>;

/** One of the SDKs, used as its documentation says. Where its caller is told of a failure, it rejects. */
interface Client {
  order(body: object, headers?: Headers): Promise<unknown>;
  query(out_trade_no: string): Promise<unknown>;
  /** Places an order, and verifies its response by whatever the SDK has for that. */
  verified(body: object, headers: Headers): Promise<unknown>;
  /** Whether a name leaves encrypted that its caller gave as it is. */
  encrypts(): Promise<boolean>;
}

/** A response as SDKs read its headers for a signature. */
const signatureOf = (headers: Headers, body: string) => ({
  timestamp: headers["wechatpay-timestamp"],
  nonce: headers["wechatpay-nonce"],
  serial: headers["wechatpay-serial"],
  signature: headers["wechatpay-signature"],
  body,
});

/** The cells of README's comparison that a test can check. */
export const describeComparison = () =>
  describe("README's comparison with other SDKs", () => {
    let folder: string;
    let sandbox: Sandbox;
    let listening: Listening;
    let clients: Record<Compared, Client>;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "comparison-"));
      const { keys } = await openKeyFolder(folder);
      sandbox = await createSandbox({ keys, platformKeys: "gray" });
      listening = await sandbox.listen();
      clients = {
        "wechatpay-node-v3": await nodeV3(),
        "wechatpay-axios-plugin": axios(),
        "node-easywechat": easyWeChat(),
        [OURS]: ours(),
      };
    });
    afterAll(async () => {
      await listening.close();
      await rm(folder, { recursive: true });
    });
    beforeEach(() => sandbox.clearRequests());

    const succeeds = (call: Promise<unknown>) =>
      call.then(
        () => true,
        () => false,
      );

    let count = 0;
    const [appid, openid] = ["wxd678efh567hg6787", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"];
    const order = () => ({
      appid,
      mchid: sandbox.credentials.mchid,
      description: "测试",
      out_trade_no: `comparison-${++count}`,
      notify_url: "https://www.example.com/notify",
      amount: { total: 100 },
      payer: { openid },
    });
    const transfer = () => ({
      appid,
      openid,
      out_bill_no: `comparison${++count}`,
      transfer_scene_id: "1011",
      transfer_scene_report_infos: [{ info_type: "赔付原因", info_content: "商品质量问题退款" }],
      user_name: NAME,
      transfer_amount: 400_000,
      transfer_remark: "商品质量问题退款",
    });
    /** Whether the name of a transfer arrived encrypted: the sandbox refuses one that is plain text. */
    const isEncrypted = () => {
      const verdict = sandbox.requests.at(-1)?.verdict;
      expect(["accepted", "invalid-ciphertext"]).toContain(verdict);
      return verdict === "accepted";
    };

    async function nodeV3(): Promise<Client> {
      const { mchid, privateKey, apiV3Key: key } = sandbox.credentials;
      const publicKey = await readFile(join(folder, "apiclient_cert.pem"));
      // biome-ignore lint/suspicious/noExplicitAny: its HTTP service is protected
      const pay: any = new (classOf())({ appid, mchid, publicKey, privateKey, key });
      // Its own HTTP service, which cannot be told of another host.
      const { httpService } = pay;
      let sent: unknown[] = [];
      const send =
        (method: "get" | "post") =>
        (url: string, ...rest: unknown[]) => {
          sent = rest;
          return httpService[method](url.replace(PRODUCTION, listening.url), ...rest);
        };
      pay.createHttp({ get: send("get"), post: send("post") });
      const dataOf = ({ status, data, error }: { status: number; data: unknown; error: unknown }) => {
        if (status >= 300) throw new Error(String(error));
        return data;
      };
      return {
        order: async (body) => dataOf(await pay.transactions_jsapi(body)),
        query: async (out_trade_no) => dataOf(await pay.query({ out_trade_no })),
        async verified(body, headers) {
          const url = PRODUCTION + ORDER;
          const signed = pay.getHeaders(pay.buildAuthorization("POST", url, body), headers);
          const init = { method: "POST", headers: { ...signed, "Content-Type": "application/json" } };
          const response = await fetch(listening.url + ORDER, { ...init, body: JSON.stringify(body) });
          const given = signatureOf(Object.fromEntries(response.headers), await response.text());
          expect(await pay.verifySign({ ...given, apiSecret: key })).toBe(true);
        },
        async encrypts() {
          const transfer_detail_list = [{ out_detail_no: "1", transfer_amount: 1, user_name: NAME }];
          await pay.batches_transfer({ out_batch_no: "1", transfer_detail_list }).catch(() => {});
          return !JSON.stringify(sent).includes(NAME);
        },
      };
    }

    function axios(): Client {
      const { mchid, serialNo: serial, privateKey, platformKeys: certs } = sandbox.credentials;
      const { Wechatpay } = axiosPlugin as unknown as typeof import("wechatpay-axios-plugin");
      // biome-ignore lint/suspicious/noExplicitAny: its chain has no types
      const wxpay: any = new Wechatpay({ mchid, serial, privateKey, certs, baseURL: listening.url } as never);
      const post = (path: string, body: object, headers?: Headers) =>
        wxpay.chain(path.slice(1)).post(body, { headers });
      return {
        order: (body, headers) => post(ORDER, body, headers),
        query: (out_trade_no) =>
          wxpay.v3.pay.transactions.outTradeNo._out_trade_no_.get({ out_trade_no, params: { mchid } }),
        verified: (body, headers) => post(ORDER, body, headers),
        encrypts: () => post(TRANSFER, transfer()).then(isEncrypted, isEncrypted),
      };
    }

    function easyWeChat(http: object = {}): Client {
      const Pay = require("node-easywechat/dist/Pay/Application");
      const { mchid, apiV3Key, platformKeys } = sandbox.credentials;
      const [id = "", serial = ""] = Object.keys(platformKeys);
      const app = new Pay({
        mch_id: mchid,
        private_key: join(folder, "apiclient_key.pem"),
        certificate: join(folder, "apiclient_cert.pem"),
        secret_key: apiV3Key,
        platform_certs: { [id]: join(folder, "pub_key.pem"), [serial]: join(folder, `wechatpay_${serial}.pem`) },
        http: { baseURL: listening.url, ...http },
      });
      const post = (path: string, data: object, headers?: Headers) => app.getClient().post(path, { data, headers });
      // biome-ignore lint/suspicious/noExplicitAny: a response of its own
      const dataOf = (response: any) => {
        if (response.isFailed()) throw new Error(response.toString());
        return response.toObject();
      };
      return {
        order: async (body, headers) => dataOf(await post(ORDER, body, headers)),
        query: async (number) =>
          dataOf(await app.getClient().get(`/v3/pay/transactions/out-trade-no/${number}`, { params: { mchid } })),
        async verified(body, headers) {
          const response = await post(ORDER, body, headers);
          const message = {
            hasHeader: (name: string) => response.hasHeader(name.toLowerCase()),
            getHeader: (name: string) => String(response.getHeader(name.toLowerCase())),
            getBody: () => response.toString(),
          };
          expect(await app.getValidator().validate(message)).toBe(true);
        },
        encrypts: () => post(TRANSFER, transfer()).then(isEncrypted, isEncrypted),
      };
    }

    function ours(): Client {
      const { mchid } = sandbox.credentials;
      const retry = { repeats: 2, baseDelay: 0, maxDelay: 0 };
      const wechatpay = createWeChatPayClient({ ...sandbox.credentials, baseUrl: listening.url, retry });
      const { transactions } = wechatpay.v3.pay;
      const placed = async (body: object, headers: Headers = {}) =>
        unwrap(await transactions.jsapi.post({ body: body as never, headers }));
      return {
        order: placed,
        query: async (out_trade_no) =>
          unwrap(
            await transactions.outTradeNo._out_trade_no_.get({ params: { path: { out_trade_no }, query: { mchid } } }),
          ),
        verified: placed,
        encrypts: () => wechatpay.POST(TRANSFER, { body: transfer() }).then(isEncrypted),
      };
    }

    test("is of the versions that are installed here", () => {
      const versionOf = (name: string) => require(`${name}/package.json`).version;
      expect(versions.slice(0, -1)).toEqual(theirs.map((name) => `${name} ${versionOf(name)}`));
    });

    test.each(each)("$name: verifies every 2xx before it is parsed", async ({ name }) => {
      const body = order();
      await clients[name].order(body);
      const end = sandbox.fail({ fault: "tampered-body", times: Number.POSITIVE_INFINITY });
      expect(await succeeds(clients[name].query(body.out_trade_no))).toBe(!has("verifies", name));
      end();
    });

    test.each(each)("$name: public key and certificates at once", async ({ name }) => {
      const verified = [];
      for (const serial of Object.keys(sandbox.credentials.platformKeys))
        verified.push(await succeeds(clients[name].verified(order(), { "Wechatpay-Serial": serial })));
      // Whichever they are: the certificate, at the least.
      expect(verified).toEqual([has("keys", name), true]);
    });

    test.each(each)("$name: encrypts sensitive fields by itself", async ({ name }) => {
      expect(await clients[name].encrypts()).toBe(has("encrypts", name));
    });

    test.each(each)("$name: repeats what is safe to repeat", async ({ name }) => {
      const body = order();
      await clients[name].order(body);
      const repeats = async (client: Client, fault: "system-error" | "reset") => {
        sandbox.clearRequests();
        sandbox.fail({ fault });
        await succeeds(client.query(body.out_trade_no));
        return sandbox.requests.length > 1;
      };
      const client = clients[name];
      const repeated = [await repeats(client, "system-error"), await repeats(client, "reset")];
      expect(repeated).toEqual(Array(2).fill(has("repeats", name)));
      expect(hasPartly("repeats", name)).toBe(name === "node-easywechat");
      if (name !== "node-easywechat") return;
      const asked = easyWeChat({ retry: { retries: 1 } });
      expect([await repeats(asked, "system-error"), await repeats(asked, "reset")]).toEqual([false, true]);
    });

    test("typed body and response", () => {
      const head = {
        "wechatpay-node-v3": 'import Pay from "wechatpay-node-v3"; declare const pay: Pay;',
        "wechatpay-axios-plugin":
          'import { Wechatpay } from "wechatpay-axios-plugin"; declare const wxpay: Wechatpay; const { transactions } = wxpay.v3!.pay!;',
        "node-easywechat":
          'import Pay from "node-easywechat/dist/Pay/Application"; declare const app: Pay; const client = app.getClient();',
        [OURS]:
          'import { createWeChatPayClient } from "wechatpay-openapi-fetch/pay"; declare const wechatpay: ReturnType<typeof createWeChatPayClient>; const { transactions } = wechatpay.v3.pay;',
      };
      const path = "{ path: { out_trade_no }, query: { mchid: out_trade_no } }";
      /** Each misspells a field: of an order's body, of its response, of a refund's response. */
      const calls = {
        "wechatpay-node-v3": [
          "pay.transactions_jsapi({ misspelt: 1 })",
          "pay.query({ out_trade_no }).then(({ data }) => data.misspelt)",
          "pay.find_refunds(out_trade_no).then(({ data }) => data?.misspelt)",
        ],
        "wechatpay-axios-plugin": [
          "transactions!.jsapi!.post({ misspelt: 1 })",
          "transactions!.outTradeNo!._out_trade_no_!.get({ out_trade_no }).then(({ data }) => data.misspelt)",
        ],
        "node-easywechat": [
          `client.post("${ORDER}", { data: { misspelt: 1 } })`,
          `client.get("/v3/pay/transactions/out-trade-no/1").then((response) => response.toObject().misspelt)`,
        ],
        [OURS]: [
          "transactions.jsapi.post({ body: { misspelt: 1 } })",
          `transactions.outTradeNo._out_trade_no_.get({ params: ${path} }).then(({ data }) => data?.misspelt)`,
        ],
      } satisfies Record<Compared, string[]>;
      const sources = COMPARED.flatMap((name) =>
        calls[name].map((call, index) => [
          `test/sdks/${name}-${index}.ts`,
          `${head[name]} declare const out_trade_no: string;\nexport const given = ${call};`,
        ]),
      );
      const editor = openAllInEditor(Object.fromEntries(sources), {
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        verbatimModuleSyntax: false,
        noUnusedLocals: false,
      });
      const isTyped = (name: Compared, index: number) => {
        const errors = editor.errors(`test/sdks/${name}-${index}.ts`);
        expect(errors.filter((error) => !error.includes("misspelt"))).toEqual([]);
        return errors.length > 0;
      };
      const found = COMPARED.map((name) => [name, calls[name].map((_, index) => isTyped(name, index))]);
      expect(Object.fromEntries(found)).toEqual({
        "wechatpay-node-v3": [true, false, true],
        "wechatpay-axios-plugin": [false, false],
        "node-easywechat": [false, false],
        [OURS]: [true, true],
      });
      const marks = COMPARED.map((name) => (has("types", name) ? "all" : hasPartly("types", name) ? "some" : "none"));
      expect(marks).toEqual(["some", "none", "none", "all"]);
    });

    test.each(theirs.map((name) => ({ name })))("$name: what is not in its code", async ({ name }) => {
      const folders = { "wechatpay-node-v3": "dist", "wechatpay-axios-plugin": "lib", "node-easywechat": "dist/Pay" };
      const root = join(require.resolve(`${name}/package.json`), "..", folders[name]);
      const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(".js"));
      const text = (await Promise.all(files.map((file) => readFile(join(root, file), "utf8")))).join("\n");
      expect(text).toContain("createSign");
      // What the server says of a wrong signature, and what listens for requests.
      expect(text.includes("sign_information")).toBe(has("explains", name));
      expect(text.includes("createServer")).toBe(has("sandbox", name));
    });

    test("which of them has a sandbox, and explains: this package alone", () => {
      const having = (["sandbox", "explains"] as const).map((aspect) => COMPARED.filter((name) => has(aspect, name)));
      expect(having).toEqual([[OURS], [OURS]]);
    });

    test("the Node.js that each asks for", () => {
      for (const name of theirs) {
        const { engines, type } = require(`${name}/package.json`);
        const [version = ""] = /[\d.]+(?=\D*$)/.exec(engines?.node ?? "") ?? [];
        expect(cells.runtimes[name]).toMatch(
          version === "" ? /^Node\.js$/ : new RegExp(`^Node\\.js ≥ ${version.replace(/(\.0)+$/, "")}$`),
        );
        expect(type).toBeUndefined();
      }
      expect(cells.runtimes[OURS]).toContain(`Node.js ${manifest.engines.node.replace(">=", "≥ ")}`);
    });

    test("how many operations each has", () => {
      const { prototype } = classOf() as unknown as { prototype: Record<string, unknown> };
      const calls = Object.getOwnPropertyNames(prototype).filter((name) =>
        String(prototype[name]).includes("httpService."),
      );
      // One of them is private.
      expect(cells.coverage["wechatpay-node-v3"]).toContain(` ${calls.length - 1} `);
      const paths = [...Object.values(openapi.paths), ...Object.values(openapiOfPay.paths)];
      expect(cells.coverage[OURS]).toContain(` ${paths.flatMap(Object.keys).length},`);
    });
  });
