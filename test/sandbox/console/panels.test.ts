// @module-tag slow
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  createNotificationReceiver,
  createWeChatPayClient,
  unwrap,
  type WeChatPayClient,
} from "wechatpay-openapi-fetch";
import { createWeChatPayClient as createPayClient } from "wechatpay-openapi-fetch/pay";
import openapi from "../../../generated/openapi.json" with { type: "json" };
import openapiOfPay from "../../../generated/pay/openapi.json" with { type: "json" };
import { SNIPPETS } from "../../../src/sandbox/console/page/connect/snippets/index.js";
import { environmentOf } from "../../../src/sandbox/env-text.js";
import { closeChromium, openPage, type Visit, withChromium } from "../../support/chromium.js";
import { type RunningConsole, startConsole } from "../../support/console.js";
import { examples, PRE_ORDER } from "../../support/wechatpay.js";

const HAN = /\p{Script=Han}/u;
const BATCHES = "/v3/payroll-card/transfer-batches";
const eventually = <T>(value: () => T) => expect.poll(value);

describe.skipIf(!withChromium)("in Chromium, the console's views Trigger, State and Connect", () => {
  let sandbox: RunningConsole;
  let wechatpay: WeChatPayClient;
  let pay: ReturnType<typeof createPayClient>;
  let visit: Visit;
  let count = 0;

  beforeAll(async () => {
    sandbox = await startConsole();
    const options = { ...sandbox.credentials, baseUrl: sandbox.url };
    wechatpay = createWeChatPayClient(options);
    pay = createPayClient(options);
  });
  afterAll(async () => {
    await closeChromium();
    await sandbox?.close();
  });
  afterEach(async () => {
    // No policy of the page's was broken, and nothing went elsewhere.
    expect(visit).toMatchObject({ left: [], errors: [] });
    await visit.page.context().close();
  });

  async function open(hash: string): Promise<Page> {
    visit = await openPage(`${sandbox.url}/${hash}`, { origins: [sandbox.url] });
    await visit.page.getByText("Live", { exact: true }).waitFor();
    return visit.page;
  }

  /** A body that no test sent before. */
  const newOrder = () => ({ ...examples.request, authenticate_number: `panels${++count}` });
  const numberOf = (page: Page) => /^#\/requests\/(\d+)$/.exec(new URL(page.url()).hash)?.[1];
  const card = (page: Page, name: string) => page.getByRole("region", { name });
  /** The row of a table of "State" that has a text. */
  const row = (page: Page, has: string) => page.getByRole("row").filter({ hasText: has });
  const told = (page: Page) => page.locator("#note");

  /** What arrived, as the console exports it. */
  async function exchange(id: string | undefined) {
    const response = await fetch(`${sandbox.url}/console/requests/${id}.json`);
    return response.json();
  }

  describe("a request", () => {
    test("is filled in by a link of the docs, and sent by the reader alone", async () => {
      const page = await open("#send=createToken.authorize");
      const form = card(page, "Send a request");
      await eventually(() => form.getByLabel("Path").inputValue()).toBe("/v3/payroll-card/tokens");
      const body = await form.getByLabel("Body").inputValue();
      expect(JSON.parse(body)).toMatchObject({ user_name: "张三" });
      expect(await page.getByRole("region", { name: "Requests" }).getByRole("listitem").count()).toBe(0);

      await form.getByRole("button", { name: "Send, signed anew" }).click();
      await eventually(() => numberOf(page)).toBeDefined();
      expect(await exchange(numberOf(page))).toMatchObject({ operationId: "createToken", verdict: "accepted" });
    });

    test("is chosen by family, changed, and said to be wrong where it is no JSON", async () => {
      const page = await open("#/trigger");
      const form = card(page, "Send a request");
      const families = form.locator("optgroup");
      await eventually(() => families.evaluateAll((all) => all.map((each) => each.getAttribute("label")))).toEqual([
        "Payroll card",
        "Platform certificates",
        "Payments",
        "Refunds",
        "Bills",
        "Transfers to users",
      ]);
      await form.getByLabel("Operation").selectOption("createTransferBatch");
      const field = form.getByLabel("Body");
      await eventually(() => field.inputValue()).toContain("transfer_detail_list");

      await field.fill('{\n  "openid": o1\n}');
      await form.getByText("This is not JSON: see line 2, character 13.").waitFor();
      expect(await field.getAttribute("aria-invalid")).toBe("true");
      expect(await form.getByRole("button", { name: "Send, signed anew" }).isDisabled()).toBe(true);
      await field.fill("[]");
      await field.fill("1");
      await form.getByText("It has to be a JSON object, which begins with {.").waitFor();

      await field.fill('{"batch_name":"changed"}');
      await form.getByRole("button", { name: "Send, signed anew" }).click();
      await eventually(() => numberOf(page)).toBeDefined();
      expect(await exchange(numberOf(page))).toMatchObject({
        verdict: "invalid-parameter",
        body: { batch_name: "changed" },
      });
    });

    test("is the documented one by one click, as often as one likes", async () => {
      const page = await open("#/trigger");
      const form = card(page, "Send a request");
      await form.getByLabel("Operation").selectOption("preOrderAuthentication");
      const sent = new Set<unknown>();
      for (let i = 0; i < 2; i++) {
        await page.goto(`${sandbox.url}/#/trigger`);
        await form.getByRole("button", { name: "Send the documented example" }).click();
        await eventually(() => numberOf(page)).toBeDefined();
        const { verdict, body } = await exchange(numberOf(page));
        expect(verdict).toBe("accepted");
        sent.add(body.authenticate_number);
      }
      expect(sent.size).toBe(2);
    });

    test("is one that arrived, to edit and replay", async () => {
      const body = newOrder();
      unwrap(await wechatpay.POST(PRE_ORDER, { body }));
      const page = await open("");
      await page.getByRole("region", { name: "Requests" }).getByRole("listitem").first().getByRole("link").click();
      await page.getByRole("button", { name: "Edit and replay" }).click();
      const field = card(page, "Send a request").getByLabel("Body");
      await eventually(async () => JSON.parse((await field.inputValue()) || "{}")).toEqual(body);
    });
  });

  describe("a notification", () => {
    let server: Server;
    let address: string;
    const received: { out_trade_no?: string }[] = [];
    beforeAll(async () => {
      const { credentials } = sandbox;
      const receive = createNotificationReceiver(credentials);
      server = createServer(async (request, response) => {
        const { resource } = await receive({ headers: request.headers, body: await text(request) });
        received.push(resource as object);
        response.writeHead(request.url === "/refuses" ? 500 : 204).end();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => server.close());

    test("is the documented one or another, and its URL is remembered", async () => {
      const page = await open("#/trigger");
      const form = card(page, "Send a notification");
      await form.getByLabel("URL").fill(`${address}/notify`);
      expect(await form.getByLabel("Event type").inputValue()).toBe("TRANSACTION.SUCCESS");
      await form.getByRole("button", { name: "Send", exact: true }).click();
      await form.getByText(/^Notification \d+: answered 204 in \d+ ms/).waitFor();
      expect(received.at(-1)).toHaveProperty("out_trade_no");

      await form.getByRole("button", { name: "Fill in the documented example" }).click();
      const field = form.getByLabel("Resource");
      await eventually(() => field.inputValue()).toContain("out_trade_no");
      await field.fill((await field.inputValue()).replace(/("out_trade_no": )"[^"]*"/, '$1"changed"'));
      await form.getByLabel("URL").fill(`${address}/refuses`);
      await form.getByRole("button", { name: "Send", exact: true }).click();
      await form.getByText(/^Notification \d+: answered 500/).waitFor();
      expect(received.at(-1)).toMatchObject({ out_trade_no: "changed" });

      await form.getByRole("link", { name: "Details" }).click();
      const before = received.length;
      await page.getByRole("button", { name: "Resend" }).click();
      await eventually(() => received.length).toBe(before + 1);
      expect(received.at(-1)).toEqual(received.at(-2));

      await page.goto("about:blank");
      await page.goto(`${sandbox.url}/#/trigger`);
      expect(await form.getByLabel("URL").inputValue()).toBe(`${address}/refuses`);
    });

    test("that cannot be sent says why", async () => {
      const page = await open("#/trigger");
      const form = card(page, "Send a notification");
      await form.getByLabel("Event type").fill("OF.MY.OWN");
      await form.getByRole("button", { name: "Send", exact: true }).click();
      await eventually(() => told(page).textContent()).toContain("no example of the event type OF.MY.OWN");
    });
  });

  test("users act on what waits for them, and on nothing else", async () => {
    const page = await open("#/trigger");
    const form = card(page, "Act as the user");
    const body = newOrder();
    unwrap(await wechatpay.POST(PRE_ORDER, { body }));
    const order = openapiOfPay.components.examples["createJsapiOrder.minimal.request"].value;
    const out_trade_no = `panels${++count}`;
    const { mchid } = sandbox.credentials;
    unwrap(await pay.POST("/v3/pay/transactions/jsapi", { body: { ...order, mchid, out_trade_no } }));

    const choice = form.getByLabel("What waits for a user");
    await choice.selectOption({ label: body.authenticate_number });
    await form.getByRole("button", { name: "Fail the face check" }).click();
    await eventually(() => told(page).textContent()).toContain("AUTHENTICATE_FAILED");
    const labels = () => choice.locator("option").allTextContents();
    await eventually(labels).not.toContain(body.authenticate_number);

    await choice.selectOption({ label: out_trade_no });
    await form.getByRole("button", { name: "Pay", exact: true }).click();
    await eventually(labels).not.toContain(out_trade_no);
    const params = { path: { out_trade_no }, query: { mchid } };
    const path = "/v3/pay/transactions/out-trade-no/{out_trade_no}";
    expect(unwrap(await pay.GET(path, { params })).trade_state).toBe("SUCCESS");

    const { openid, sub_mchid, sub_appid = "" } = body;
    await choice.selectOption({ label: `${openid} × ${sub_mchid}` });
    const stateOf = async () => {
      const query = { sub_mchid, sub_appid };
      const relation = await wechatpay.GET("/v3/payroll-card/relations/{openid}", {
        params: { path: { openid }, query },
      });
      return unwrap(relation).authorize_state;
    };
    await form.getByRole("button", { name: "Withdraw authorization" }).click();
    await eventually(stateOf).toBe("DEAUTHORIZED");
    await eventually(() => form.getByRole("button").allTextContents()).toEqual(["Authorize"]);
    await form.getByRole("button", { name: "Authorize" }).click();
    await eventually(stateOf).toBe("AUTHORIZED");
  });

  test("orders, refunds and transfers stand in State, each with the buttons that work", async () => {
    const page = await open("#/state");
    const { mchid } = sandbox.credentials;
    const order = openapiOfPay.components.examples["createJsapiOrder.minimal.request"].value;
    const out_trade_no = "console-order";
    unwrap(await pay.POST("/v3/pay/transactions/jsapi", { body: { ...order, mchid, out_trade_no } }));
    await row(page, out_trade_no).getByText("NOTPAY").waitFor();
    await row(page, out_trade_no).getByRole("button", { name: "Pay" }).click();
    await row(page, out_trade_no).getByText("SUCCESS").waitFor();
    expect(await row(page, out_trade_no).getByRole("button").count()).toBe(0);

    const amount = { refund: 1, total: order.amount.total, currency: "CNY" as const };
    unwrap(
      await pay.POST("/v3/refund/domestic/refunds", {
        body: { out_trade_no, out_refund_no: "console-refund", amount },
      }),
    );
    const refund = row(page, "console-refund");
    await refund.getByRole("button", { name: "Fail (ABNORMAL)" }).click();
    await refund.getByText("ABNORMAL", { exact: true }).waitFor();
    await eventually(() => refund.getByRole("button").allTextContents()).toEqual(["Succeed", "Close"]);
    await refund.getByRole("button", { name: "Succeed" }).click();
    await refund.getByText("SUCCESS", { exact: true }).waitFor();

    const transfer = openapiOfPay.components.examples["createTransferBill.minimal.request"].value;
    for (const [out_bill_no, name, state] of [
      ["consoleConfirmed", "Confirm", "SUCCESS"],
      ["consoleFailed", "Confirm and fail", "FAIL"],
    ] as const) {
      unwrap(await pay.POST("/v3/fund-app/mch-transfer/transfer-bills", { body: { ...transfer, out_bill_no } }));
      await row(page, out_bill_no).getByRole("button", { name, exact: true }).click();
      await row(page, out_bill_no).getByText(state, { exact: true }).waitFor();
    }
  });

  test("a batch's transfers fail while it runs, and when it has finished there is no button", async () => {
    const page = await open("#/state");
    const { value } = openapi.components.examples["createTransferBatch.information.request"];
    const { out_batch_no } = value;
    unwrap(await wechatpay.POST(BATCHES, { body: value as never }));
    const batch = row(page, out_batch_no).first();
    await batch.getByText(/^in \d+ s$/).waitFor();
    await batch.getByText("2 transfers").click();
    await batch.getByRole("button", { name: "Fail x23zy545Bd5437" }).click();
    await eventually(() => told(page).textContent()).toContain("x23zy545Bd5437 will have failed");

    await page.goto(`${sandbox.url}/#/trigger`);
    await card(page, "Time").getByRole("button", { name: "+5 min" }).click();
    await eventually(() => told(page).textContent()).toMatch(
      /^5 min forward\. Expired or finished: \d+\. Your client's clock/,
    );
    await page.goto(`${sandbox.url}/#/state`);
    await batch.getByText("FINISHED").waitFor();
    await batch.getByText("2 transfers").click();
    await batch.getByText("FAIL", { exact: true }).waitFor();
    expect(await batch.getByRole("button").count()).toBe(0);
  });

  test("tokens count down by the sandbox's clock, and 20 pre-orders of a day are counted", async () => {
    const page = await open("#/state");
    const openid = "oPanelsLimit";
    const order = () => wechatpay.POST(PRE_ORDER, { body: { ...newOrder(), openid } });
    unwrap(await order());
    const left = card(page, "Tokens").getByRole("row").filter({ hasText: openid }).locator(".left");
    await eventually(() => left.first().textContent()).toMatch(/^4 min 5\d s$/);
    const limit = card(page, "Pre-orders today").getByRole("row").filter({ hasText: openid });
    await limit.getByText("1 of 20 pre-orders today").waitFor();
    expect(await limit.getByRole("button").count()).toBe(0);

    for (let i = 1; i < 20; i++) unwrap(await order());
    await limit.getByText("20 of 20 pre-orders today").waitFor();
    expect((await order()).error?.code).toBe("INVALID_REQUEST");
    await limit.getByRole("button", { name: "+24 h" }).waitFor();
    // The refused one offers what helps, too.
    await page.getByRole("link").filter({ hasText: "The user has had 20 pre-orders today" }).first().click();
    await page.getByRole("region", { name: "Details" }).getByRole("button", { name: "+24 h" }).click();
    await page.goto(`${sandbox.url}/#/state`);
    await eventually(() => limit.count()).toBe(0);
    expect((await order()).response.status).toBe(200);
    await eventually(() => left.count()).toBe(1);
  });

  test("with more than 20 rows, State is searched", async () => {
    for (let i = 0; i < 21; i++) {
      unwrap(await wechatpay.POST(PRE_ORDER, { body: { ...newOrder(), openid: `oSearched${i}` } }));
    }
    const page = await open("#/state");
    const checks = card(page, "Identity verifications").getByRole("row");
    await eventually(() => checks.count()).toBeGreaterThan(20);
    await page.getByRole("searchbox", { name: "Search the state" }).fill("OSEARCHED2");
    // The headings, oSearched2 and oSearched20.
    await eventually(() => checks.count()).toBe(3);
    await page.getByRole("searchbox", { name: "Search the state" }).fill("no such thing");
    await card(page, "Identity verifications").getByText("Nothing matches.").waitFor();
  });

  test("time moves by any step, and what comes next is told", async () => {
    const page = await open("#/trigger");
    const time = card(page, "Time");
    // The tokens of other tests are over.
    await time.getByRole("button", { name: "+1 h" }).click();
    await eventually(() => told(page).textContent()).toMatch(/^1 h forward\./);
    unwrap(await wechatpay.POST(PRE_ORDER, { body: newOrder() }));
    await time.getByText(`a token of ${examples.request.openid} expires`).waitFor();
    await time.getByLabel("How much").fill("2");
    await time.getByLabel("Unit").selectOption("days");
    await time.getByRole("button", { name: "Advance" }).click();
    await eventually(() => told(page).textContent()).toMatch(/^48 h forward\./);
    await time.getByText("Nothing expires or finishes within a week.").waitFor();
    // A client's clock can stay as it is.
    unwrap(await wechatpay.GET("/v3/certificates"));
  });

  test("faults wait as chips, each of which can be removed", async () => {
    const page = await open("#/trigger");
    const form = card(page, "Faults");
    const chips = page.getByRole("banner").getByRole("list", { name: "Waiting faults" });
    await form.getByRole("combobox", { name: "Fault" }).selectOption("bad-gateway");
    const add = form.getByRole("button", { name: "Add fault" });
    await add.click();
    await eventually(() => told(page).textContent()).toContain("Next request: 502");
    await form.getByRole("combobox", { name: "Fault" }).selectOption("hang");
    await form.getByLabel("Operation").selectOption("createToken");
    await form.getByLabel("Times").fill("3");
    await add.click();
    await eventually(() => told(page).textContent()).toContain("Next 3 requests to createToken: ");
    await eventually(() => chips.getByRole("listitem").allTextContents()).toEqual([
      "⚡ bad-gateway ×1 on any✕",
      "⚡ hang ×3 on createToken✕",
    ]);
    await page.reload();
    await chips.getByRole("button", { name: "Remove the fault hang" }).click();
    await eventually(() => chips.getByRole("listitem").count()).toBe(1);
    const statuses = [];
    for (let i = 0; i < 2; i++) statuses.push((await wechatpay.POST(PRE_ORDER, { body: newOrder() })).response.status);
    expect(statuses).toEqual([502, 200]);
    await eventually(() => chips.count()).toBe(0);

    await add.click();
    await form.getByRole("button", { name: "Cancel faults" }).click();
    await form.getByText("No fault waits: requests are processed as usual.").waitFor();
    unwrap(await wechatpay.POST(PRE_ORDER, { body: newOrder() }));
  });

  test("no name of a fault is cut", async () => {
    const page = await open("#/trigger");
    const select = card(page, "Faults").getByRole("combobox", { name: "Fault" });
    for (const width of [1440, 1100, 400]) {
      await page.setViewportSize({ width, height: 800 });
      const cut = await select.evaluate((element: HTMLSelectElement) => {
        const { font, paddingLeft, paddingRight } = getComputedStyle(element);
        const context = document.createElement("canvas").getContext("2d");
        if (context === null) throw new Error("There is no canvas.");
        context.font = font;
        const room = element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight) - 20;
        return Array.from(element.options, ({ text }) => text).filter((text) => context.measureText(text).width > room);
      });
      expect(cut).toEqual([]);
    }
  });

  test("certificates are rotated, and State has the new one", async () => {
    const listed = async () => unwrap(await wechatpay.GET("/v3/certificates")).data.map(({ serial_no }) => serial_no);
    const before = await listed();
    const page = await open("#/trigger");
    await card(page, "Platform certificates").getByRole("button", { name: "Rotate certificates" }).click();
    await eventually(() => told(page).textContent()).toContain("was issued");
    const [added = ""] = (await listed()).filter((serial) => !before.includes(serial));
    expect(await told(page).textContent()).toContain(added);
    await page.goto(`${sandbox.url}/#/state`);
    await card(page, "WeChat Pay's keys").getByText(added).waitFor();
  });

  describe("Connect", () => {
    test("has the keys when it is opened, and not before", async () => {
      const page = await open("#/trigger");
      const { apiV3Key, privateKey } = sandbox.credentials;
      const [, secret = ""] = privateKey.split("\n");
      expect(await page.content()).not.toContain(secret);
      await page.getByRole("link", { name: "Connect", exact: true }).click();
      await page.getByText(apiV3Key).waitFor();
      await page.getByRole("link", { name: "Trigger" }).click();
      await card(page, "Faults").waitFor();
      expect(await page.content()).not.toContain(secret);
    });

    test("gives the .env of the command line and the PEM files, to copy and to keep", async () => {
      const page = await open("#/connect");
      const panel = page.getByRole("tabpanel");
      const env = environmentOf(sandbox.credentials, sandbox.url);
      await eventually(() => panel.locator("pre").textContent()).toBe(env);
      const keep = async (name: string) => {
        const figure = panel.getByRole("figure").filter({ has: page.getByText(name, { exact: true }) });
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          figure.getByRole("button", { name: "Download" }).click(),
        ]);
        expect(download.suggestedFilename()).toBe(name.replace(/^\./, ""));
        return readFile(await download.path(), "utf8");
      };
      expect(await keep(".env")).toBe(env);
      await page.getByRole("tab", { name: "PEM files" }).click();
      expect(await keep("apiclient_key.pem")).toBe(sandbox.credentials.privateKey);
      expect(await keep("apiclient_key_pkcs1.pem")).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
      expect(await keep("apiclient_cert.pem")).toMatch(/^-----BEGIN CERTIFICATE-----/);
      expect(await keep("pub_key.pem")).toBe(Object.values(sandbox.credentials.platformKeys)[0]);
    });

    test("gives the programs that test/sdks runs, by the keyboard alone", async () => {
      const page = await open("#/connect");
      await page.getByRole("tab", { name: ".env" }).focus();
      await page.keyboard.press("ArrowRight");
      for (const { name, code } of SNIPPETS) {
        await page.keyboard.press("ArrowRight");
        expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(name);
        await eventually(() => page.getByRole("tabpanel").locator("pre").textContent()).toBe(code("en"));
      }
      await page.keyboard.press("ArrowRight");
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(".env");
    });
  });

  test("hostile values are text", async () => {
    const markup = "<img/src=x/onerror=document.title='owned'>";
    unwrap(await wechatpay.POST(PRE_ORDER, { body: { ...newOrder(), openid: `${markup}\u202Eevil` } }));
    for (const hash of ["#/state", "#/trigger"]) {
      const page = await open(hash);
      await page.locator("#view").getByText(`${markup}⟨U+202E⟩evil`).first().waitFor({ state: "attached" });
      expect(await page.locator("#view img, #view script").count()).toBe(0);
      expect(await page.title()).toBe("WeChat Pay sandbox");
      if (hash === "#/state") await visit.page.context().close();
    }
  });

  describe.each(["#/trigger", "#/state", "#/connect"])("%s", (hash) => {
    /** What the view says, but for what the sandbox was told: codes, values and examples. */
    const said = (page: Page) =>
      page.locator("#view").evaluate((view) => {
        const copy = view.cloneNode(true) as Element;
        for (const each of copy.querySelectorAll("code, pre, textarea, time, .chip, [role=tab]")) each.remove();
        const leaves = Array.from(copy.querySelectorAll("*")).filter((each) => each.children.length === 0);
        return leaves.map((each) => each.textContent?.trim() ?? "").filter((text) => text !== "");
      });

    test("is in English or in Chinese, and never in both", async () => {
      const page = await open(hash);
      await page.locator("#view h3, #view [role=tab]").first().waitFor();
      expect((await said(page)).filter((text) => HAN.test(text))).toEqual([]);
      await page.getByRole("button", { name: "中文" }).click();
      await page.getByText("实时", { exact: true }).waitFor();
      // What has no Chinese is a name, a number or a value.
      const english = (await said(page)).filter((text) => !HAN.test(text) && /[a-z]{2,} [a-z]{2,}/i.test(text));
      expect(english).toEqual([]);
      await page.getByRole("button", { name: "English" }).click();
    });

    test.each(["light", "dark"] as const)("has no violation that axe knows of, in %s", async (colorScheme) => {
      const page = await open(hash);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.locator("#view h3, #view [role=tab]").first().waitFor();
      await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8"));
      for (const width of [1280, 400]) {
        await page.setViewportSize({ width, height: 900 });
        const violations = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: object[] }> } };
          return (await axe.run()).violations;
        });
        expect(violations).toEqual([]);
      }
    });

    test("fits 400 pixels", async () => {
      const page = await open(hash);
      await page.setViewportSize({ width: 400, height: 740 });
      await page.locator("#view h3, #view [role=tab]").first().waitFor();
      const excess = await page.locator("#view").evaluate((view) => {
        const { scrollWidth, scrollHeight, clientHeight } = document.documentElement;
        return [view.scrollWidth - view.clientWidth, scrollWidth - 400, scrollHeight - clientHeight];
      });
      expect(excess).toEqual([0, 0, 0]);
    });
  });
});
