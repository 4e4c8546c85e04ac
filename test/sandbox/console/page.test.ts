// @module-tag slow
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type CallInit,
  createWeChatPayClient,
  type paths,
  unwrap,
  type WeChatPayClient,
} from "wechatpay-openapi-fetch";
import openapi from "../../../generated/openapi.json" with { type: "json" };
import { closeChromium, openPage, type Visit, withChromium } from "../../support/chromium.js";
import { type RunningConsole, startConsole } from "../../support/console.js";
import { signText } from "../../support/keys.js";
import { examples, PRE_ORDER } from "../../support/wechatpay.js";
import { signedHeaders } from "../signed.js";

const TOKENS = "/v3/payroll-card/tokens";
const BATCHES = "/v3/payroll-card/transfer-batches";

const tokenRequest = openapi.components.examples["createToken.authorize.request"].value as CallInit<
  paths[typeof TOKENS]["post"]
>["body"];
const batch = openapi.components.examples["createTransferBatch.information.request"].value as CallInit<
  paths[typeof BATCHES]["post"]
>["body"];
const { openid, sub_mchid } = examples.request;

/** What is so in the end. */
const eventually = <T>(value: () => T) => expect.poll(value);

describe.skipIf(!withChromium)("in Chromium, the console's list and details", () => {
  let sandbox: RunningConsole;
  let url: string;
  let wechatpay: WeChatPayClient;
  let visit: Visit;
  /** By how much the sandbox's time was set forward. */
  let advanced = 0;
  let count = 0;

  beforeAll(async () => {
    sandbox = await startConsole();
    url = sandbox.url;
    const clock = () => Date.now() + advanced;
    const retry = { repeats: 2, baseDelay: 1, maxDelay: 1 };
    wechatpay = createWeChatPayClient({ ...sandbox.credentials, baseUrl: url, backupUrl: false, clock, retry });
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

  async function open(hash = "", size?: { width: number; height: number }): Promise<Page> {
    visit = await openPage(`${url}/${hash}`, { origins: [url] });
    if (size) await visit.page.setViewportSize(size);
    // By then it has been told of what came before.
    await isTold(visit.page);
    return visit.page;
  }

  const isTold = (page: Page) => page.locator("#list[aria-busy=false]").waitFor({ state: "attached" });

  /** A body that no test sent before, of a user of its own: one has 20 pre-orders a day. */
  const newOrder = () => ({
    ...examples.request,
    openid: `${openid.slice(0, -4)}${1000 + ++count}`,
    authenticate_number: `number${count}`,
  });
  const preOrder = () => wechatpay.POST(PRE_ORDER, { body: newOrder() });

  /** Sends a request that was signed otherwise. */
  async function sendSigned(signed: Parameters<typeof signedHeaders>[1], path: string, init: RequestInit = {}) {
    const timestamp = Math.floor((Date.now() + advanced) / 1000);
    return fetch(url + path, { ...init, headers: signedHeaders(sandbox.credentials, { timestamp, ...signed }) });
  }

  /** Has the sandbox do something, as the buttons of other views do. */
  async function act(action: object): Promise<{ done: string }> {
    const headers = { "Content-Type": "application/json" };
    return (await fetch(`${url}/console/actions`, { method: "POST", headers, body: JSON.stringify(action) })).json();
  }

  const fail = (fault: string, times = 1) => act({ action: "fail", fault, times });

  const listOf = (page: Page) => page.getByRole("region", { name: "Requests" });
  const rowsOf = (page: Page) => listOf(page).getByRole("link");
  const newest = (page: Page) => rowsOf(page).first();
  const detailOf = (page: Page) => page.getByRole("region", { name: "Details" });
  const field = (page: Page, name: string) =>
    detailOf(page)
      .locator(".json-line")
      .filter({ hasText: `"${name}": ` })
      .first();
  const section = (page: Page, name: string) =>
    detailOf(page)
      .locator("section")
      .filter({ has: page.getByRole("heading", { level: 3, name, exact: true }) });

  /** Waits until the page shows the request that `act` sends, and chooses it there. */
  async function choose(page: Page, act: () => Promise<unknown>): Promise<Locator> {
    const before = (await rowsOf(page).count()) === 0 ? undefined : await newest(page).getAttribute("href");
    await act();
    await eventually(async () => (await rowsOf(page).count()) > 0 && newest(page).getAttribute("href")).not.toBe(
      before,
    );
    await newest(page).click();
    await page.locator("#view[aria-busy=false]").waitFor();
    return detailOf(page);
  }

  /** Presses a button; what the page says of it. */
  async function press(page: Page, name: string | RegExp): Promise<string> {
    const dismiss = page.getByRole("button", { name: "Dismiss" });
    if (await dismiss.isVisible()) await dismiss.click();
    await page.getByRole("button", { name, exact: true }).click();
    await dismiss.waitFor();
    return (await page.locator("#note span").textContent()) ?? "";
  }

  /** Presses a button that copies; what is in the clipboard then. */
  async function copied(page: Page, name: string): Promise<string> {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await page.getByRole("button", { name, exact: true }).click();
    await eventually(() => page.evaluate(() => navigator.clipboard.readText())).not.toBe("");
    return page.evaluate(() => navigator.clipboard.readText());
  }

  /** Runs a command as a merchant would, beside the private key. */
  async function bash(command: string): Promise<string> {
    const cwd = sandbox.folder;
    await writeFile(join(cwd, "apiclient_key.pem"), sandbox.credentials.privateKey);
    return (await promisify(execFile)("bash", ["-c", command], { cwd })).stdout;
  }

  test("says what to do first, and one click shows what an accepted request looks like", async () => {
    const page = await open();
    await detailOf(page).getByRole("heading", { name: "Waiting for the first request" }).waitFor();
    expect(await detailOf(page).textContent()).toContain(url);
    expect(await copied(page, "Copy address")).toBe(url);
    expect(await detailOf(page).getByRole("link", { name: "Connect" }).getAttribute("href")).toBe("#/connect");
    expect(await rowsOf(page).count()).toBe(0);

    await page.getByRole("button", { name: "Send the documented example" }).click();
    await detailOf(page).getByRole("heading", { level: 2, name: "Pre-order an identity verification" }).waitFor();
    expect(new URL(page.url()).hash).toBe("#/requests/1");
    await field(page, "expires_in").waitFor();
  });

  test("shows requests as they arrive, tells a screen reader, and leaves the details as they are", async () => {
    const page = await open();
    await detailOf(page).getByText("accepted").waitFor();
    const body = newOrder();
    unwrap(await wechatpay.POST(PRE_ORDER, { body }));
    await eventually(() => newest(page).textContent()).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} 200 preOrderAuthentication (\d+|< 1) ms POST …\/authentications\/pre-order$/,
    );
    await eventually(() => page.getByRole("status").allTextContents()).toContain("New requests: 1");
    expect(await newest(page).getAttribute("aria-current")).toBeNull();

    await newest(page).click();
    await eventually(() => field(page, "authenticate_number").textContent()).toContain(body.authenticate_number);
    await detailOf(page).getByText("The message to sign").click();
    expect(await detailOf(page).locator("pre.message").innerText()).toMatch(
      new RegExp(
        `1 method\\s+POST⏎\\s+2 URL\\s+${PRE_ORDER}⏎\\s+3 timestamp\\s+\\d{10}⏎\\s+4 nonce\\s+\\w{32}⏎\\s+5 body`,
      ),
    );
    await detailOf(page).getByText("Wire, as sent").click();
    await detailOf(page).getByText(`POST ${PRE_ORDER} HTTP/1.1`).waitFor();
  });

  test("opens at the request that its address names, which follows what is chosen", async () => {
    const page = await open();
    await choose(page, preOrder);
    const address = page.url();
    expect(address).toMatch(/\/#\/requests\/\d+$/);
    expect(await copied(page, "Copy Link")).toBe(address);
    await choose(page, () => wechatpay.GET("/v3/certificates"));
    expect(page.url()).not.toBe(address);

    await page.goto("about:blank");
    await page.goto(address);
    await isTold(page);
    await detailOf(page).getByText(`POST ${PRE_ORDER}`).waitFor();
    expect(await newest(page).getAttribute("aria-current")).toBeNull();
    await page.evaluate(() => location.assign("#/requests/0"));
    await detailOf(page).getByText("The sandbox no longer has this request.").waitFor();
  });

  test("of a refused request says first which check it failed, then why, then the bytes", async () => {
    const page = await open();
    const target = "/v3/payroll-card/relations/o1?sub_mchid=1111111&appid=wx1";
    const detail = await choose(page, () =>
      sendSigned({ method: "GET", target: target.split("?")[0] as string }, target),
    );
    const checks = detail.getByRole("list", { name: "Checks, in their order" });
    expect(await checks.getByRole("listitem").allTextContents()).toEqual([
      "✓ headers passed",
      "✓ Authorization passed",
      "✓ mchid passed",
      "✓ serial_no passed",
      "✓ clock passed",
      "✗ signature failed",
      ...["Wechatpay-Serial", "parameters", "encryption", "business"].map((name) => ` ${name} not reached`),
    ]);
    const order = [
      checks,
      detail.getByRole("heading", { level: 2 }),
      detail.getByRole("heading", { name: "Signed message: yours → expected" }),
      detail.getByRole("heading", { name: "Response body" }),
    ];
    const tops = await Promise.all(order.map(async (each) => (await each.boundingBox())?.y ?? Number.NaN));
    expect(tops).toEqual(tops.toSorted((a, b) => a - b));
    expect(await detail.getByRole("heading", { level: 2 }).textContent()).toMatch(/query/);

    await detail.getByText("What differs: URL.").waitFor();
    const message = detail.locator("pre.message");
    expect(await message.locator("ins").allTextContents()).toEqual(["?sub_mchid=1111111&appid=wx1"]);
    expect(await message.locator("del").count()).toBe(0);
  });

  test("tells what to change as code, and copies the new lines alone", async () => {
    const page = await open();
    const path = "/v3/certificates";
    const detail = await choose(page, () => sendSigned({ method: "GET", target: path }, `${path}?a=1`));
    await detail
      .getByRole("heading", { level: 2, name: "The query string was not signed. Your private key is right." })
      .waitFor();
    await detail.getByText("Line 2 must be the path with ? and the query, exactly as sent.").waitFor();
    const fix = detail.getByRole("figure", { name: "What to change" });
    expect(await fix.locator("del").textContent()).toMatch(/^- sign\(method, url\.pathname, .*\n$/);
    expect(await fix.locator("ins").textContent()).toMatch(/^\+ sign\(method, url\.pathname \+ url\.search, .*\n$/);
    expect(await copied(page, "Copy new code")).toMatch(/^sign\(method, url\.pathname \+ url\.search, [^\n]*$/);
  });

  test("gives an openssl command whose signature the sandbox accepts", async () => {
    const page = await open();
    const body = JSON.stringify({ ...newOrder(), project_name: "it's 100% \\n 微工卡" });
    await choose(page, () => sendSigned({ target: PRE_ORDER, body: "{}" }, PRE_ORDER, { method: "POST", body }));
    const message = await copied(page, "Copy expected message");
    const [, , timestamp = "", nonce = ""] = message.split("\n");
    const signature = await bash(await copied(page, "Copy openssl command"));
    const init = { method: "POST", body };
    const response = await sendSigned({ timestamp, nonce, signature: signature.trim() }, PRE_ORDER, init);
    expect(response.status).toBe(200);
  });

  test("says in words where JSON differs in white space alone, and shows both sides where there is room", async () => {
    const page = await open("", { width: 1440, height: 900 });
    const order = newOrder();
    const body = JSON.stringify(order);
    const signed = JSON.stringify(order, undefined, 2);
    const detail = await choose(page, () =>
      sendSigned({ target: PRE_ORDER, body: signed }, PRE_ORDER, { method: "POST", body }),
    );
    const lines = signed.split("\n").length;
    await detail.getByText(`Same JSON, other white space: you signed ${lines} lines, sent 1 line.`).waitFor();
    for (const text of await detail.locator("pre.message del").allTextContents()) expect(text).toMatch(/^[·⏎\n]+$/);

    const side = detail.getByRole("button", { name: "Side by side" });
    await side.click();
    expect(await detail.getByRole("figure", { name: "What you signed" }).locator("ins").count()).toBe(0);
    expect(await detail.getByRole("figure", { name: "What WeChat Pay expects" }).locator("del").count()).toBe(0);
    await page.setViewportSize({ width: 1100, height: 900 });
    expect(await side.isVisible()).toBe(false);
  });

  test("shows a line feed that was not signed, and the expected message alone where nobody can tell what was", async () => {
    const page = await open();
    const timestamp = Math.floor((Date.now() + advanced) / 1000);
    const signature = signText(sandbox.credentials.privateKey, `GET\n/v3/certificates\n${timestamp}\nnonce\n`);
    await choose(page, () => sendSigned({ timestamp, nonce: "nonce", signature }, "/v3/certificates"));
    await eventually(() => detailOf(page).locator("pre.message ins").allTextContents()).toEqual(["⏎"]);

    const body = JSON.stringify(newOrder());
    await choose(page, () => sendSigned({ body: '{"another":"order"}' }, PRE_ORDER, { method: "POST", body }));
    await detailOf(page).getByText("Nobody can tell what you signed.").waitFor();
    expect(await detailOf(page).locator("pre.message").textContent()).toContain(body);
    expect(await detailOf(page).locator("ins, del").count()).toBe(0);
  });

  test.each<[name: string, signed: Parameters<typeof signedHeaders>[1], row: RegExp]>([
    ["mchid", { mchid: "1234567890" }, /^mchid1234567890✗ the sandbox's is \d+$/],
    ["serial_no", { serialNo: "ABCDEF" }, /^serial_noABCDEF✗ the sandbox's is [0-9A-F]+$/],
    ["timestamp", { timestamp: "1795616716" }, /^timestamp1795616716✗ .* (ahead of|behind) the sandbox$/],
    ["timestamp", { timestamp: "1795616716375" }, /^timestamp1795616716375✗ $/],
  ])("shows the %s of Authorization that is wrong beside the right one", async (name, signed, row) => {
    const page = await open();
    const detail = await choose(page, () => sendSigned(signed, "/v3/certificates"));
    await eventually(() => detail.getByRole("row").filter({ hasText: name }).first().textContent()).toMatch(row);
  });

  test("shows decrypted what was encrypted on its way, and as it was sent", async () => {
    const page = await open();
    await choose(page, () => wechatpay.POST(TOKENS, { body: tokenRequest }));
    const marked = page.locator(".json-line").filter({ has: page.getByRole("img", { name: "encrypted on the wire" }) });
    expect(await marked.allTextContents()).toEqual([
      expect.stringContaining('"user_name": "张三"'),
      expect.stringContaining('"id_card_number": "110101199003070012"'),
    ]);
    const body = section(page, "Request body");
    await body.getByRole("button", { name: "As sent" }).click();
    expect(await body.textContent()).not.toContain("张三");
    expect(await body.getByRole("button", { name: "As sent" }).getAttribute("aria-pressed")).toBe("true");
  });

  test("marks the value that was refused, shows long ones by their beginning, and the response first", async () => {
    const page = await open();
    const body = JSON.stringify({ ...newOrder(), project_name: "长".repeat(2000) });
    const detail = await choose(page, () =>
      sendSigned({ target: PRE_ORDER, body }, PRE_ORDER, { method: "POST", body }),
    );
    const marked = detail.locator(".json-line").filter({ hasText: "← this is wrong" });
    expect(await marked.textContent()).toMatch(/^"project_name": "长{200}…"/);
    await marked.getByRole("button", { name: "Show all 2000 characters" }).click();
    expect(await marked.textContent()).toContain("长".repeat(2000));
    const titles = await detail.getByRole("heading", { level: 3 }).allTextContents();
    expect(titles.indexOf("Response body")).toBeLessThan(titles.indexOf("Request body"));
  });

  test("shows what a caller got where a fault changed it, and says where nothing arrived", async () => {
    const page = await open();
    const once = createWeChatPayClient({ ...sandbox.credentials, baseUrl: url, backupUrl: false, retry: false });
    const meet = (fault: string) =>
      choose(page, async () => {
        await fail(fault);
        await once.POST(PRE_ORDER, { body: newOrder() }).catch(() => {});
      });
    const detail = await meet("tampered-body");
    await detail
      .getByRole("heading", { name: "The response reached the caller with a fault: body changed." })
      .waitFor();
    const body = section(page, "Response body");
    const got = await body.locator("pre").textContent();
    await body.getByRole("button", { name: "The operation's response" }).click();
    expect(await body.locator("pre").textContent()).not.toBe(got);

    await meet("reset");
    await detail
      .getByRole("heading", { name: "The caller got no response, because of the fault: connection reset." })
      .waitFor();
    await meet("bad-gateway");
    await detail.getByText("<center><h1>502 Bad Gateway</h1></center>").waitFor();
    await detail
      .getByRole("heading", { name: /^You asked for this fault: 502 in HTML\. .* nor processed\.$/ })
      .waitFor();

    await fail("refused");
    await once.POST(PRE_ORDER, { body: newOrder() }).catch(() => {});
    await listOf(page).getByRole("listitem").filter({ hasText: "⚡ no connection" }).first().waitFor();
  });

  test("groups the attempts of one call", async () => {
    const page = await open();
    await choose(page, async () => {
      await fail("system-error", 2);
      unwrap(await wechatpay.GET("/v3/certificates"));
    });
    await eventually(() => rowsOf(page).allTextContents()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/200 listCertificates attempt 3 of 3/),
        expect.stringMatching(/500 ↳listCertificates attempt 2 of 3/),
        expect.stringMatching(/500 ↳listCertificates attempt 1 of 3/),
      ]),
    );
  });

  test("copies a request as a cURL script that is accepted, as JSON and as client code", async () => {
    const page = await open();
    await choose(page, () => wechatpay.POST(TOKENS, { body: tokenRequest }));
    // What is encrypted goes as it went.
    const answer = JSON.parse(await bash(await copied(page, "Copy cURL")));
    expect(answer).toMatchObject({ openid: tokenRequest.openid, expires_in: 1800 });
    expect(JSON.parse(await copied(page, "Copy JSON: Request body"))).toMatchObject({ openid: tokenRequest.openid });
    const code = await copied(page, "Copy Client code");
    expect(code).toContain(`await wechatpay.POST("${TOKENS}", {\n  body: {\n`);
    expect(code).toContain('user_name: "张三"');
    expect(await copied(page, "Copy Request-ID")).toMatch(/^08/);
  });

  test("sends a request again, signed anew, as it was or edited", async () => {
    const page = await open();
    await choose(page, () => wechatpay.POST(TOKENS, { body: tokenRequest }));
    const before = new URL(page.url()).hash;
    await page.getByRole("button", { name: "Replay", exact: false }).first().click();
    await eventually(() => new URL(page.url()).hash).not.toBe(before);
    await eventually(() => newest(page).getAttribute("aria-current")).toBe("true");
    await detailOf(page).getByText("accepted").waitFor();
    await page.getByRole("button", { name: "Edit and replay" }).click();
    const path = page.getByRole("region", { name: "Trigger" }).getByLabel("Path");
    await eventually(() => path.inputValue()).toBe(TOKENS);
  });

  test("has the user's buttons as far as they can work, and a note where they cannot", async () => {
    const page = await open();
    await choose(page, () => wechatpay.POST(TOKENS, { body: tokenRequest }));
    expect(await press(page, "Withdraw authorization")).toBe("The user has withdrawn the authorization.");
    await page.getByRole("button", { name: "Withdraw authorization" }).waitFor({ state: "detached" });

    const refused = await choose(page, () => wechatpay.POST(PRE_ORDER, { body: { ...newOrder(), openid } }));
    await refused.getByText("✗ business error").waitFor();
    expect(await press(page, "Authorize")).toBe("The user has authorized.");

    await choose(page, preOrder);
    expect(await press(page, "Pass the face check")).toBe("Result of the face check: AUTHENTICATE_SUCCESS");
    await detailOf(page).getByText("The face check is over: AUTHENTICATE_SUCCESS").waitFor();
    expect(await page.getByRole("button", { name: "Fail the face check" }).count()).toBe(0);

    await choose(page, () => wechatpay.POST(BATCHES, { body: batch }));
    expect(await press(page, "Fail x23zy545Bd5437")).toBe("When the batch finishes, x23zy545Bd5437 will have failed.");
    await act({ action: "advance", ms: 3_600_000 });
    advanced += 3_600_000;
    await detailOf(page).getByText("The batch is finished: nothing changes any more.").waitFor();
  });

  test("stands dividers where something was done and where a day ends", async () => {
    const page = await open();
    await act({ action: "authorize", openid, sub_mchid, state: "DEAUTHORIZED" });
    await act({ action: "authorize", openid, sub_mchid, state: "AUTHORIZED" });
    await act({ action: "advance", ms: 86_400_000 });
    advanced += 86_400_000;
    await choose(page, preOrder);
    const dividers = listOf(page)
      .getByRole("listitem")
      .filter({ hasNot: page.getByRole("link") });
    const date = new Date(Date.now() + advanced - 86_400_000);
    const day = new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
    await eventually(async () => (await dividers.allTextContents()).map((text) => text.trim()).slice(0, 4)).toEqual([
      "+24 h",
      day,
      `${openid} authorized ${sub_mchid}`,
      `${openid} withdrew from ${sub_mchid}`,
    ]);
  });

  test("shows notifications, with their answer, and sends them again", async () => {
    const page = await open();
    let status = 500;
    const server = createServer((incoming, outgoing) => {
      incoming.resume().on("end", () => outgoing.writeHead(status).end('{"code":"FAIL"}'));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
    await choose(page, () => act({ action: "notify", url: to, event_type: "TRANSACTION.SUCCESS" }));
    expect(await newest(page).textContent()).toContain("500 TRANSACTION.SUCCESS not accepted");
    expect(new URL(page.url()).hash).toMatch(/^#\/notifications\/\d+$/);
    await detailOf(page).getByRole("heading", { name: "Answered 500: the notification was not accepted" }).waitFor();
    await field(page, "trade_state").waitFor();
    status = 204;
    await choose(page, () => press(page, /Resend/));
    await detailOf(page).getByRole("heading", { name: "Delivered, answered 204" }).waitFor();
    server.close();
  });

  test("is searched and filtered: what is left is counted, and Esc shows all again", async () => {
    const page = await open();
    const body = newOrder();
    await choose(page, () => sendSigned({ target: "/v3" }, "/v3/certificates"));
    await choose(page, () => wechatpay.POST(PRE_ORDER, { body }));
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("search");
    await page.keyboard.type(body.authenticate_number);
    await eventually(() => rowsOf(page).count()).toBe(1);
    await page.keyboard.press("Escape");
    await eventually(() => rowsOf(page).count()).toBeGreaterThan(1);

    const refused = page.getByRole("button", { name: /^Refused \d+$/ });
    const many = Number((await refused.textContent())?.match(/\d+/)?.[0]);
    await refused.click();
    await eventually(() => page.locator("#count").textContent()).toMatch(new RegExp(`^${many} of \\d+$`));
    expect(await refused.getAttribute("aria-pressed")).toBe("true");
    await page.getByLabel("Operation", { exact: true }).selectOption("listCertificates");
    for (const text of await rowsOf(page).allTextContents()) expect(text).toContain("listCertificates");
    await page.getByLabel("Search", { exact: true }).fill("no such thing");
    await page.getByText("Nothing matches.").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();

    // From a request to all that is told of its user.
    await page.getByRole("button", { name: body.authenticate_number }).click();
    expect(await page.getByLabel("Search", { exact: true }).inputValue()).toBe(body.authenticate_number);
  });

  test("is used with the keyboard alone", async () => {
    const page = await open();
    await rowsOf(page).nth(2).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    const tabTo = async (name: string) => {
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press("Tab");
        if ((await focused()).includes(name)) return;
      }
      throw new Error(`Tab does not lead to ${name}.`);
    };
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the details");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("view");

    await page.keyboard.press("k");
    await page.keyboard.press("Shift+Tab");
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("aria-current"))).toBe("true");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline).toBe("solid");
    for (const key of ["Home", "ArrowDown", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
    expect(await focused()).toBe(await rowsOf(page).nth(1).textContent());
    expect(await page.locator("#list [aria-current]").count()).toBe(1);
    await page.keyboard.press("End");
    expect(await page.evaluate(() => document.activeElement?.closest("li")?.ariaPosInSet)).toBe(
      await page.evaluate(() => document.activeElement?.closest("li")?.ariaSetSize),
    );

    await page.keyboard.press("Home");
    await choose(page, preOrder);
    await newest(page).focus();
    await page.keyboard.press("Enter");
    await tabTo("Pass the face check");
    await page.keyboard.press("Enter");
    await page.getByText("Result of the face check: AUTHENTICATE_SUCCESS").waitFor();
    const before = page.url();
    await page.keyboard.press("j");
    expect(page.url()).not.toBe(before);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard keys" }).getByText("Clear search and filters").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });

  test("holds few rows of many, stays where one reads, and counts what is new above", async () => {
    const page = await open();
    for (let i = 0; i < 300; i++) await (await fetch(`${url}/v3/nowhere/${i}`)).text();
    await eventually(() => newest(page).textContent()).toContain("/v3/nowhere/299");
    expect(await rowsOf(page).count()).toBeLessThan(60);
    const scroller = page.locator(".scroller");
    await scroller.evaluate((element) => element.scrollTo(0, 44 * 100));
    await rowsOf(page).filter({ hasText: "/v3/nowhere/195 " }).waitFor();
    const topOf = async () => (await rowsOf(page).filter({ hasText: "/v3/nowhere/195 " }).boundingBox())?.y;
    const before = await topOf();
    for (let i = 0; i < 5; i++) await preOrder();
    const fresh = page.getByRole("button", { name: "↑ 5 new" });
    await fresh.waitFor();
    expect(await topOf()).toBe(before);
    await fresh.click();
    await eventually(() => newest(page).textContent()).toContain("preOrderAuthentication");
    await fresh.waitFor({ state: "detached" });
    const item = listOf(page).getByRole("listitem").first();
    expect(await item.getAttribute("aria-posinset")).toBe("1");
    expect(Number(await item.getAttribute("aria-setsize"))).toBeGreaterThan(305);
  });

  test("speaks Chinese and English, neither in the other's view, and remembers which", async () => {
    const page = await open();
    /** What the page itself says: not what requests hold, and no name that is the same in every language. */
    const said = async () =>
      (
        await page
          .locator(
            "button, label, h1, h2, h3, a:not(.item), legend, figcaption, summary, p, .chip, .item .end, .divider, option",
          )
          .allTextContents()
      )
        .map((text) =>
          text.replace(/[\w./:-]*[_\d/][\w./:-]*|\b(?:create|get|list|close|download|preOrder)[A-Z]\w*/g, "").trim(),
        )
        .filter((text) => /\p{Letter}{2}/u.test(text));
    const states: (() => Promise<unknown>)[] = [
      preOrder,
      () => sendSigned({ target: "/v3" }, "/v3/certificates"),
      () => wechatpay.POST(TOKENS, { body: tokenRequest }),
      () => act({ action: "notify", url: "http://127.0.0.1:1/", event_type: "TRANSACTION.SUCCESS" }),
      () => fetch(`${url}/v3/nowhere`),
    ];
    expect(await page.getAttribute("html", "lang")).toBe("en");
    for (const state of states) {
      await choose(page, state);
      expect((await said()).filter((text) => /\p{Script=Han}/u.test(text) && text !== "中文")).toEqual([]);
    }
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByRole("heading", { name: "微信支付沙箱" }).waitFor();
    expect(await page.getAttribute("html", "lang")).toBe("zh-CN");
    expect(await page.title()).toBe("微信支付沙箱");
    await page.reload();
    await page.getByRole("button", { name: "清空" }).waitFor();
    await isTold(page);
    const names = /^(English|JSON|cURL|Request-ID|HAR|Authorization|mchid|serial_no|Wechatpay-Serial|[A-Z_. ]+|\W*)$/;
    for (const [index] of states.entries()) {
      await page.locator("#list a").nth(index).click();
      await page.locator("#view[aria-busy=false]").waitFor();
      const english = (await said()).filter((text) => !/\p{Script=Han}/u.test(text) && !names.test(text));
      expect(english).toEqual([]);
    }
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("button", { name: "Clear", exact: true }).waitFor();
  });

  test.each(["light", "dark"] as const)("has no violation that axe knows of, in %s", async (colorScheme) => {
    const page = await open();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8"));
    const violations = () =>
      page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: object[] }> } };
        return (await axe.run()).violations;
      });
    const order = JSON.stringify(newOrder(), undefined, 1);
    const init = { method: "POST", body: JSON.stringify(newOrder()) };
    for (const send of [
      preOrder,
      () => sendSigned({ target: PRE_ORDER, body: order }, PRE_ORDER, init),
      () => wechatpay.POST(TOKENS, { body: tokenRequest }),
      () => fail("bad-gateway").then(() => fetch(`${url}/v3/nowhere`)),
    ]) {
      await choose(page, send);
      for (const fold of await detailOf(page).locator("summary").all()) await fold.click();
      expect(await violations()).toEqual([]);
    }
    await page.getByText("Export").click();
    await page.getByRole("button", { name: /^Refused/ }).click();
    expect(await violations()).toEqual([]);
    await page.keyboard.press("?");
    expect(await violations()).toEqual([]);
  });

  test.each([360, 400])("a phone of %i pixels shows one pane at a time, and goes back", async (width) => {
    const page = await open("", { width, height: 740 });
    await eventually(() => detailOf(page).isVisible()).toBe(false);
    await choose(page, preOrder);
    await detailOf(page).getByText("accepted").waitFor();
    expect(await rowsOf(page).first().isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("view");
    await page.goBack();
    await newest(page).waitFor();
    const body = JSON.stringify(newOrder(), undefined, 2);
    const init = { method: "POST", body: JSON.stringify(newOrder()) };
    for (const send of [preOrder, () => sendSigned({ target: PRE_ORDER, body }, PRE_ORDER, init)]) {
      await choose(page, send);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.getByRole("link", { name: "← Requests" }).click();
      await newest(page).waitFor();
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });

  test("has two panes of the window's height, each with a scroll of its own", async () => {
    const page = await open("", { width: 1100, height: 700 });
    await choose(page, preOrder);
    const size = await page.evaluate(() => [
      document.documentElement.scrollHeight,
      document.documentElement.scrollWidth,
    ]);
    expect(size).toEqual([700, 1100]);
    expect(await newest(page).evaluate((row) => row.getBoundingClientRect().height)).toBe(44);
    const head = await page.getByRole("banner").evaluate((element) => element.getBoundingClientRect().height);
    expect(head).toBeLessThan(60);
  });

  test("shows hostile requests as text", async () => {
    const page = await open();
    const markup = "<img/src=x/onerror=document.title='owned'>";
    await choose(page, async () => request(`${url}/`, { path: `/v3/${markup}?${markup}` }).end());
    expect(await newest(page).textContent()).toContain(`/v3/${markup}?${markup}`);
    const body = JSON.stringify({ ...newOrder(), project_name: `${markup}\u202Eevil`, [markup]: markup });
    const detail = await choose(page, () =>
      sendSigned({ target: PRE_ORDER, body: `${body}${markup}` }, PRE_ORDER, { method: "POST", body }),
    );
    expect(await detail.textContent()).toContain(`${markup}⟨U+202E⟩evil`);
    expect(await detail.textContent()).not.toContain("\u202E");
    expect(await page.locator("img, main script").count()).toBe(0);
    expect(await page.title()).toBe("WeChat Pay sandbox");
  });

  test("holds no key", async () => {
    const page = await open();
    await newest(page).waitFor();
    const html = await page.content();
    expect(html).not.toContain(sandbox.credentials.apiV3Key);
    expect(html).not.toContain(sandbox.credentials.privateKey.split("\n")[1]);
  });

  test("has the API docs and what it exports one click away", async () => {
    const page = await open();
    const docs = page.getByRole("link", { name: "API docs" });
    expect([await docs.getAttribute("href"), await docs.getAttribute("target")]).toEqual(["/console/docs", "_blank"]);
    for (const [name, holds] of [
      ["HAR file", '"entries"'],
      ["JSON file", '"verdict"'],
    ] as const) {
      await page.getByText("Export").click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
      expect(await readFile(await download.path(), "utf8")).toContain(holds);
    }
  });

  test("gives its connection back while nobody sees it: browsers have six for all tabs", async () => {
    const page = await open();
    const see = (tab: Page, visibility: string) =>
      tab.evaluate((state) => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, visibility);
    for (let tabs = 1; tabs < 8; tabs++) {
      const tab = await page.context().newPage();
      await tab.goto(url);
      await isTold(tab);
      await see(tab, "hidden");
    }
    const before = await newest(page).getAttribute("href");
    await see(page, "hidden");
    unwrap(await preOrder());
    expect(await newest(page).getAttribute("href")).toBe(before);
    await see(page, "visible");
    await eventually(() => newest(page).getAttribute("href")).not.toBe(before);
  });

  test("keeps a batch of 1,000 transfers usable: its list is folded", async () => {
    const page = await open();
    const [detail] = batch.transfer_detail_list;
    if (detail === undefined) throw new Error("The example has no transfer.");
    const transfer_detail_list = Array.from({ length: 1000 }, (_, i) => ({ ...detail, out_detail_no: `many${i}` }));
    const total_amount = 1000 * detail.transfer_amount;
    const body = { ...batch, out_batch_no: "many", total_amount, total_num: 1000, transfer_detail_list };
    await choose(page, async () => unwrap(await wechatpay.POST(BATCHES, { body })));
    await detailOf(page).getByText("1000 transfers: choose which fail").click();
    expect(await press(page, "Fail many999")).toBe("When the batch finishes, many999 will have failed.");
    const list = detailOf(page).locator(".json-line").filter({ hasText: "1000 items" });
    await list.getByRole("button", { name: "Unfold" }).click();
    await detailOf(page).getByText('"out_detail_no": "many3"').waitFor();
    expect(await detailOf(page).locator(".json-line").count()).toBeLessThan(1100);
    await detailOf(page).getByRole("button", { name: "Show 1000 more lines" }).click();
    await eventually(() => detailOf(page).locator(".json-line").count()).toBeGreaterThan(1900);
  });

  test.each<[what: string, body: string]>([
    ["JSON of 3,000 levels", "[".repeat(3000) + "]".repeat(3000)],
    ["JSON of 100 levels and many values", `${"[".repeat(100)}${Array(500_000).fill(1)}${"]".repeat(100)}`],
    ["5 MB of short lines", "ab\n".repeat(1_700_000)],
  ])("shows the beginning of %s, signed right or wrong", async (_, body) => {
    const page = await open();
    for (const signed of [body, "\n".repeat(500_000)]) {
      const detail = await choose(page, () =>
        sendSigned({ target: PRE_ORDER, body: signed }, PRE_ORDER, { method: "POST", body }),
      );
      await section(page, "Request body").waitFor();
      // Of JSON, the view of values folds what is deep.
      const isCut = body.length > 100_000 && (!body.startsWith("[") || signed !== body);
      if (isCut) await detail.getByText("Too long: only the beginning is shown.").first().waitFor();
      expect((await detail.innerText()).length).toBeLessThan(1_000_000);
    }
  });

  test("is cleared, and counts from 0", async () => {
    const page = await open();
    await newest(page).waitFor();
    // Details that are asked for while all is cleared are not there.
    await detailOf(page).getByRole("heading", { level: 2 }).waitFor();
    expect(await press(page, "Clear")).toBe("The list is empty.");
    // Until the page is told, it would ask for a request that is gone.
    await eventually(() => rowsOf(page).count()).toBe(0);
    await eventually(() => page.locator("#count").textContent()).toBe("0");
    await page.evaluate(() => location.assign("#/requests"));
    await detailOf(page).getByText("Waiting for the first request").waitFor();
    for (let i = 0; i < 3; i++) await (await fetch(`${url}/v3/nowhere/${i}`)).text();
    await eventually(() => page.locator("#count").textContent()).toBe("3");
  });

  test("says when the sandbox has gone", async () => {
    const page = await open();
    await page.getByText("Live").waitFor();
    sandbox.child.kill();
    await page.getByText("Connection lost, trying again…").waitFor();
    expect(await press(page, "Clear")).toBe("The sandbox does not answer. Is it still running?");
    // What a browser writes when nobody listens any more.
    const written = visit.errors.splice(0);
    expect(written.length).toBeGreaterThan(0);
    for (const error of written) expect(error).toMatch(/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING)/);
  });
});
