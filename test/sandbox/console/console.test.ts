import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
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
import { createWeChatPayClient as createPayClient } from "wechatpay-openapi-fetch/pay";
import { createSandbox, type Listening, type Sandbox, type SandboxCredentials } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../../generated/openapi.json" with { type: "json" };
import openapiOfPay from "../../../generated/pay/openapi.json" with { type: "json" };
import type { ActionResult, Message, ShownExchange } from "../../../src/sandbox/console/messages.js";
import { closeChromium, openPage, type Visit, withChromium } from "../../support/chromium.js";
import { signText } from "../../support/keys.js";
import { examples, PRE_ORDER } from "../../support/wechatpay.js";
import { start as startPay } from "../family/pay.js";
import { signedHeaders } from "../signed.js";

const TOKENS = "/v3/payroll-card/tokens";
const BATCHES = "/v3/payroll-card/transfer-batches";

const tokenRequest = openapi.components.examples["createToken.authorize.request"].value as CallInit<
  paths[typeof TOKENS]["post"]
>["body"];
const user = {
  openid: examples.request.openid,
  sub_mchid: examples.request.sub_mchid,
  sub_appid: examples.request.sub_appid as string,
};
const batch = openapi.components.examples["createTransferBatch.information.request"].value as CallInit<
  paths[typeof BATCHES]["post"]
>["body"];

/** What is so in the end. */
const eventually = <T>(value: () => T) => expect.poll(value);

describe("over HTTP, the console", () => {
  let sandbox: Sandbox;
  let listening: Listening;
  beforeAll(async () => {
    sandbox = await createSandbox();
    listening = await sandbox.listen({ console: true });
  });
  afterAll(() => listening.close());

  /** A request whose every header is ours, which fetch does not allow. */
  async function send(path: string, { method = "GET", headers = {} as Record<string, string>, body = "" } = {}) {
    const sent = request(`${listening.url}${path}`, {
      method,
      agent: false,
      headers: { "Content-Length": body.length, ...headers },
    });
    const [reply] = await once(sent.end(body), "response");
    // The stream of events has no end.
    const isEndless = reply.headers["content-type"] === "text/event-stream";
    if (isEndless) reply.destroy();
    return { status: reply.statusCode as number, headers: reply.headers, text: isEndless ? "" : await text(reply) };
  }

  async function act(ask: object, headers: Record<string, string> = {}) {
    const all = { "Content-Type": "application/json", ...headers };
    return send("/console/actions", { method: "POST", headers: all, body: JSON.stringify(ask) });
  }

  /** The exchanges that a page is told of when it connects. */
  async function start(url = listening.url): Promise<ShownExchange[]> {
    return (await messages(url)).flatMap((message) => (message.type === "exchange" ? message.exchange : []));
  }

  /** What a page is told when it connects, up to the last exchange that was kept for it. */
  async function messages(url: string): Promise<Message[]> {
    const { body } = await fetch(`${url}/console/events`);
    let told = "";
    let last = Number.POSITIVE_INFINITY;
    let newest = 0;
    const all: Message[] = [];
    const decoder = new TextDecoder();
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      const events = (told + decoder.decode(chunk, { stream: true })).split("\n\n");
      told = events.pop() ?? "";
      for (const event of events) {
        const message: Message = JSON.parse(event.slice(event.indexOf("{")));
        all.push(message);
        if (message.type === "start") last = message.last;
        if (message.type === "exchange") newest = message.exchange.id;
      }
      if (newest >= last) break;
    }
    return all;
  }

  test("tells orders, refunds and transfers as they stand, and its buttons change them", async () => {
    const { sandbox: other, ...merchant } = await startPay();
    const { url, close } = await other.listen({ console: true });
    const records = async () =>
      (await messages(url)).flatMap((message) =>
        message.type === "records" ? message.records.map(({ kind, number, state }) => [kind, number, state]) : [],
      );
    const press = async (body: object) => {
      const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
      return (await fetch(`${url}/console/actions`, init)).json();
    };
    const [order, transfer] = [merchant.order(), merchant.transfer()];
    const { out_trade_no } = order;
    const { out_bill_no } = transfer;
    await merchant.place(order);
    other.advance(1);
    await merchant.send(transfer);
    expect(await records()).toEqual([
      ["transfer", out_bill_no, "WAIT_USER_CONFIRM"],
      ["order", out_trade_no, "NOTPAY"],
    ]);
    expect(await press({ action: "pay", out_trade_no })).toEqual({ done: expect.stringMatching(/^4200000000/) });
    expect(await press({ action: "pay", out_trade_no })).toEqual({
      refused: `The order ${out_trade_no} cannot be paid: it is paid.`,
    });
    const refund = merchant.refundOf(order, 30);
    const { out_refund_no } = refund;
    other.advance(1);
    await merchant.refund(refund);
    const end = { action: "finishRefund", out_refund_no, status: "ABNORMAL" };
    expect(await press(end)).toEqual({ done: "ABNORMAL" });
    expect(await press({ action: "confirm", out_bill_no })).toEqual({ done: "SUCCESS" });
    expect(await records()).toEqual([
      ["refund", out_refund_no, "ABNORMAL"],
      ["transfer", out_bill_no, "SUCCESS"],
      ["order", out_trade_no, "REFUND"],
    ]);
    await close();
  });

  test("is not there unless it is asked for, and nothing of it stands in WeChat Pay's way", async () => {
    const plain = await createSandbox();
    const { url, close } = await plain.listen();
    expect((await fetch(url)).status).toBe(404);
    expect(plain.requests).toHaveLength(1);
    await close();

    const before = sandbox.requests.length;
    for (const path of ["/constructor", "/v3/certificates"]) await send(path);
    expect(sandbox.requests.slice(before).map(({ path }) => path)).toEqual(["/constructor", "/v3/certificates"]);
  });

  test("answers whatever is asked of its paths, and what browsers ask of themselves: nothing is recorded, no fault used up", async () => {
    const end = sandbox.fail({ fault: "bad-gateway" });
    const before = sandbox.requests.length;
    const statuses = [];
    for (const [method, path] of [
      ["HEAD", "/"],
      ["OPTIONS", "/"],
      ["OPTIONS", "/console/actions"],
      ["GET", "/console/actions"],
      ["POST", "/console/events"],
      ["GET", "/console"],
      ["GET", "/console/index.js"],
      ["GET", "/apple-touch-icon-precomposed.png"],
      ["GET", "/.well-known/appspecific/com.chrome.devtools.json"],
    ] as const) {
      statuses.push((await send(path, { method })).status);
    }
    expect(statuses).toEqual([405, 405, 405, 405, 405, 404, 404, 404, 404]);
    expect(sandbox.requests).toHaveLength(before);
    expect((await send("/v3/certificates")).status).toBe(502);
    end();
  });

  test("from the source there is no page, and it says how to make one", async () => {
    const { status, text } = await send("/");
    expect([status, text]).toEqual([503, expect.stringContaining("`npm run build`")]);
  });

  test.each(["127.0.0.1:1", "localhost", "localhost:8787", "[::1]:8787", "192.168.0.7", "LOCALHOST"])(
    "answers as %s",
    async (host) => {
      expect((await act({ action: "advance", ms: 1 }, { Host: host })).status).toBe(200);
    },
  );

  test.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example:8787",
    "127.0.0.1@evil.example",
    "evil.example:localhost",
    // A URL parser would find an address in them.
    "a@127.0.0.1",
    "a:b@127.0.0.1:8787",
    "127.0.0.1#evil.example",
    "127.0.0.1?evil.example",
    "127.0.0.1/evil.example",
    "127.0.0.1\\evil.example",
    "127.0.0.1:8787:8787",
    "127.0.0.1:evil",
    "[127.0.0.1]",
    "[::1",
    "127.1",
    "2130706433",
    "%31%32%37.0.0.1",
  ])("refuses another's name, which leads here by DNS rebinding: %j", async (host) => {
    const before = sandbox.clock();
    const replies = [
      await send("/", { headers: { Host: host } }),
      await send("/console/events", { headers: { Host: host } }),
      await act({ action: "advance", ms: 86_400_000 }, { Host: host, Origin: `http://${host}` }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(sandbox.clock() - before).toBeLessThan(86_400_000);
  });

  test.each<[what: string, headers: Record<string, string>, status: number]>([
    ["a form of another site", { "Content-Type": "text/plain" }, 415],
    ["a form that pretends", { "Content-Type": "text/plain; application/json" }, 415],
    ["another site", { Origin: "https://evil.example" }, 403],
    ["another port", { Origin: "http://127.0.0.1:1" }, 403],
    ["an origin with a user name", { Host: "127.0.0.1", Origin: "http://evil@127.0.0.1" }, 403],
    ["an origin with a path", { Host: "127.0.0.1", Origin: "http://127.0.0.1/evil" }, 403],
    ["a sandboxed frame", { Origin: "null" }, 403],
    ["an action that is too large", { "Content-Length": "65537" }, 413],
  ])("refuses %s", async (_, headers, status) => {
    const before = sandbox.clock();
    expect((await act({ action: "advance", ms: 86_400_000 }, headers)).status).toBe(status);
    expect(sandbox.clock() - before).toBeLessThan(86_400_000);
  });

  test.each<[ask: object, message: RegExp]>([
    [{ action: "advance", ms: -1 }, /^ms must be a number of milliseconds/],
    [{ action: "advance", ms: "soon" }, /^ms must be a number of milliseconds/],
    [{ action: "fail", fault: "rain", times: 1 }, /^fault must be one of/],
    [{ action: "fail", fault: "hang", times: 0 }, /^times must be/],
    [{ action: "authenticate", number: "unknown", state: "AUTHENTICATE_SUCCESS" }, /unknown/],
    [{ action: "dance" }, /^action must be one of authorize, .*; given: "dance"/],
    [[], /^action must be one of authorize, .*; given: undefined/],
  ])("says why it cannot do %j", async (ask, message) => {
    const answer: ActionResult = JSON.parse((await act(ask)).text);
    expect(answer).toEqual({ refused: expect.stringMatching(message) });
  });

  test("lets nobody frame it, and loads nothing from elsewhere", async () => {
    const { headers } = await act({ action: "advance", ms: 1 });
    expect(headers).toMatchObject({
      "content-security-policy": expect.stringMatching(
        /^default-src 'none';.* frame-ancestors 'none'; script-src 'self';/,
      ),
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
  });

  test("keeps the last 500 requests for a page that is opened later, as they were, and no key", async () => {
    for (let i = 0; i < 501; i++) await sandbox.fetch(`http://localhost/v3/nowhere/${i}`);
    const exchanges = await start();
    expect(exchanges).toHaveLength(500);
    expect([exchanges[0]?.path, exchanges.at(-1)?.path]).toEqual(["/v3/nowhere/1", "/v3/nowhere/500"]);
    const told = JSON.stringify(exchanges);
    expect(told).not.toContain(sandbox.credentials.apiV3Key);
    expect(told).not.toMatch(/PRIVATE KEY|signature=/);
  });

  test("its clear empties the list of every page and sandbox.requests, and counts from 0", async () => {
    const other = await createSandbox({ requestLog: { maxEntries: 2 } });
    const [one, two] = [await other.listen({ console: true }), await other.listen({ console: true })];
    for (let i = 0; i < 3; i++) await fetch(`${one.url}/v3/nowhere/${i}`);
    expect([other.requests.length, other.droppedRequests]).toEqual([2, 1]);
    for (const { url } of [one, two]) expect(await start(url)).toHaveLength(3);

    const headers = { "Content-Type": "application/json" };
    const action = JSON.stringify({ action: "clear" });
    await fetch(`${one.url}/console/actions`, { method: "POST", headers, body: action });
    expect([other.requests.length, other.droppedRequests]).toEqual([0, 0]);
    await fetch(`${two.url}/v3/nowhere/3`);
    for (const { url } of [one, two]) expect(await start(url)).toMatchObject([{ path: "/v3/nowhere/3" }]);
    for (const { close } of [one, two]) await close();
  });

  test("tells how many requests arrived, and how many of them the sandbox dropped", async () => {
    const other = await createSandbox({ requestLog: { maxEntries: 2 } });
    await other.fetch("http://localhost/v3/before");
    const { url, close } = await other.listen({ console: true });
    for (let i = 0; i < 4; i++) await fetch(`${url}/v3/nowhere/${i}`);
    expect((await messages(url)).map(({ type, ...rest }) => [type, rest])).toEqual([
      ["start", expect.objectContaining({ arrived: 5, dropped: 3, last: 4 })],
      ...Array(4).fill(["exchange", expect.objectContaining({ arrived: 5, dropped: 3 })]),
    ]);
    await close();
  });

  test("ends faults that were made in it, and no others", async () => {
    await act({ action: "fail", fault: "bad-gateway", times: 2 });
    sandbox.fail({ fault: "rate-limited" });
    await act({ action: "endFaults" });
    const statuses = [];
    for (let i = 0; i < 2; i++) statuses.push((await send("/v3/nowhere")).status);
    expect(statuses).toEqual([429, 404]);
  });

  test("keeps texts of 10 MB, and bodies of a million values, by their beginning", async () => {
    const other = await createSandbox();
    const { url, close } = await other.listen({ console: true });
    const send = (body: string) => fetch(`${url}/v3/nowhere`, { method: "POST", body });
    for (let i = 0; i < 20; i++) await send("\x01".repeat(10_000_000));
    await send(JSON.stringify(Array(1_100_000).fill(1)));
    const exchanges = await start(url);
    expect(exchanges.length).toBeGreaterThan(1);
    expect(exchanges.length).toBeLessThan(21);
    const bodies = exchanges.map(({ body }) => String(body));
    for (const body of bodies) expect(body).toHaveLength(200_000);
    expect(bodies.at(-1)).toMatch(/^\[1,1,/);
    await close();
  });

  test("changes no answer: a list of 200,000 items is answered and shown as without it", async () => {
    const body = JSON.stringify({ ...examples.request, authenticate_number: "wide", more: Array(200_000).fill("a") });
    const headers = signedHeaders(sandbox.credentials, {
      target: PRE_ORDER,
      body,
      timestamp: Math.floor(sandbox.clock() / 1000),
    });
    expect((await fetch(listening.url + PRE_ORDER, { method: "POST", headers, body })).status).toBe(200);
    expect((await start()).at(-1)).toMatchObject({ verdict: "accepted", decrypted: { request: {} } });
  });

  test("changes no answer: what it cannot show it says", async () => {
    const other = await createSandbox({
      onRequest(request) {
        request.body = { itself: request };
      },
    });
    const { url, close } = await other.listen({ console: true });
    expect((await fetch(`${url}/v3/nowhere`)).status).toBe(404);
    expect(await start(url)).toMatchObject([
      { path: "/v3/nowhere", status: 404, body: expect.stringMatching(/^The console cannot show it: TypeError/) },
    ]);
    await close();
  });

  test("a failure of its own is the end of a connection, and not of the sandbox", async () => {
    let isBroken = false;
    const other = await createSandbox({
      clock() {
        if (isBroken) throw new Error("no time");
        return Date.now();
      },
    });
    const { url, close } = await other.listen({ console: true });
    isBroken = true;
    await expect(fetch(`${url}/console/events`).then((reply) => reply.text())).rejects.toThrow();
    isBroken = false;
    expect((await fetch(`${url}/v3/nowhere`)).status).toBe(404);
    await close();
  });

  test("a page that does not read costs no memory, and is told of what is kept once it reads", async () => {
    const other = await createSandbox();
    const { url, close } = await other.listen({ console: true });
    const asked = request(`${url}/console/events`, { agent: false }).end();
    const [stalled] = (await once(asked, "response")) as [IncomingMessage];
    const send = (body: string) => fetch(`${url}/v3/nowhere`, { method: "POST", body });
    for (let i = 0; i < 100; i++) await send(`${i} ${"\x01".repeat(200_000)}`);
    const told: string[] = [];
    for await (const chunk of stalled) {
      told.push(chunk);
      if (String(chunk).includes('"body":"99 ')) break;
    }
    // 1.2 MB each: without limits it would be told of all of them.
    expect(told.join("").split('"type":"exchange"').length).toBeLessThan(60);
    await close();
  });

  test("a page that does not read is told of many clearings by one", async () => {
    const other = await createSandbox();
    const { url, close } = await other.listen({ console: true });
    const asked = request(`${url}/console/events`, { agent: false }).end();
    const [stalled] = (await once(asked, "response")) as [IncomingMessage];
    for (let i = 0; i < 30; i++) await fetch(`${url}/v3/nowhere`, { method: "POST", body: "\x01".repeat(200_000) });
    for (let i = 0; i < 1000; i++) other.clearRequests();
    await fetch(`${url}/v3/last`);
    let told = "";
    for await (const chunk of stalled.setEncoding("utf8")) {
      told += chunk;
      if (told.includes('"path":"/v3/last"')) break;
    }
    expect(told.split('"type":"start"').length - 1).toBeLessThan(10);
    await close();
  });

  test.each([
    [
      "that could not listen",
      async (other: Sandbox) =>
        expect(other.listen({ console: true, port: Number(new URL(listening.url).port) })).rejects.toThrow(),
    ],
    ["that is closed", async (other: Sandbox) => (await other.listen({ console: true })).close()],
  ])("watches no more where it belongs to a server %s", async (_, end) => {
    let shown = 0;
    const other = await createSandbox({
      onRequest(request) {
        request.body = { toJSON: () => ++shown };
      },
    });
    await end(other);
    await other.fetch("http://localhost/v3/nowhere");
    expect(shown).toBe(0);
  });

  test("close() ends a page that listens", async () => {
    const other = await createSandbox();
    const { url, close } = await other.listen({ console: true });
    const { body } = await fetch(`${url}/console/events`);
    const ended = text(body as never).catch((error) => error);
    await close();
    await ended;
  });
});

describe.skipIf(!withChromium)("in Chromium, the console", { tags: ["slow"] }, () => {
  let folder: string;
  let child: ChildProcess;
  let url: string;
  let credentials: SandboxCredentials;
  let wechatpay: WeChatPayClient;
  let visit: Visit;
  /** By how much the sandbox's time was set forward. */
  let advanced = 0;
  let count = 0;

  beforeAll(async () => {
    // The page is made by the build, so this is what users get: the build of a copy, and its command.
    folder = await mkdtemp(join(tmpdir(), "console-"));
    for (const name of ["src", "generated", "scripts", "spec", "package.json", "tsconfig.json", "tsconfig.build.json"])
      await cp(name, join(folder, name), { recursive: true });
    await cp("redocly.yaml", join(folder, "redocly.yaml"));
    await symlink(join(process.cwd(), "node_modules"), join(folder, "node_modules"), "junction");
    await promisify(execFile)("npm", ["run", "build"], { cwd: folder });

    child = spawn(process.execPath, [join(folder, "dist/src/cli/main.js"), "sandbox", "--port=0", "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(child.stdout as Readable, "data");
    const { url: at, ...rest } = JSON.parse(line);
    url = at;
    credentials = rest;
    wechatpay = createWeChatPayClient({ ...credentials, baseUrl: url, clock: () => Date.now() + advanced });
  });
  afterAll(async () => {
    await closeChromium();
    child?.kill();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });
  afterEach(async () => {
    expect(visit).toMatchObject({ left: [], errors: [] });
    await visit.page.context().close();
  });

  async function open(): Promise<Page> {
    visit = await openPage(url, { origins: [url] });
    // By then it has been told of what came before.
    await isTold(visit.page);
    return visit.page;
  }

  const isTold = (page: Page) => page.locator("#list[aria-busy=false]").waitFor({ state: "attached" });

  /** A body that no test sent before. */
  const newOrder = () => ({ ...examples.request, authenticate_number: `number${++count}` });

  /** Sends a request that was signed otherwise. */
  async function sendSigned(signed: Parameters<typeof signedHeaders>[1], path: string, init: RequestInit = {}) {
    const timestamp = Math.floor((Date.now() + advanced) / 1000);
    return fetch(url + path, { ...init, headers: signedHeaders(credentials, { timestamp, ...signed }) });
  }

  const listOf = (page: Page) => page.getByRole("region", { name: "Requests" }).getByRole("listitem");
  const detailOf = (page: Page) => page.getByRole("region", { name: "Details" });
  const newest = (page: Page) => listOf(page).first().getByRole("button");

  /** Waits until the page shows the request that `act` sends, and chooses it there. */
  async function choose(page: Page, act: () => Promise<unknown>): Promise<Locator> {
    const before = await listOf(page).count();
    await act();
    await eventually(() => listOf(page).count()).toBe(before + 1);
    await newest(page).click();
    return detailOf(page);
  }

  /** Presses a button; what the page says of it. */
  async function press(button: Locator): Promise<string> {
    const note = button.page().locator("#note");
    await note.evaluate((element) => element.replaceChildren());
    await button.click();
    await eventually(() => note.textContent()).not.toBe("");
    return (await note.textContent()) ?? "";
  }

  const pressNamed = (page: Page, name: string) => press(page.getByRole("button", { name, exact: true }));

  test("shows what to do first, and then requests as they arrive", async () => {
    const page = await open();
    await detailOf(page).getByRole("heading", { name: "Waiting for the first request" }).waitFor();
    expect(await detailOf(page).textContent()).toContain(`baseUrl: "${url}"`);
    expect(await listOf(page).count()).toBe(0);

    const body = newOrder();
    unwrap(await wechatpay.POST(PRE_ORDER, { body }));
    await listOf(page).first().waitFor();
    expect(await newest(page).getAttribute("aria-current")).toBe("true");
    expect(await newest(page).textContent()).toMatch(
      /^\d\d:\d\d:\d\d POST 200 ✓ accepted \/v3\/payroll-card\/authentications\/pre-order preOrderAuthentication$/,
    );
    await detailOf(page)
      .getByRole("heading", { level: 2, name: `POST ${PRE_ORDER}` })
      .waitFor();
    expect(await detailOf(page).textContent()).toContain(`"authenticate_number": "${body.authenticate_number}"`);
    expect(await detailOf(page).textContent()).toContain('"expires_in": 300');
    await eventually(() => page.getByRole("status").allTextContents()).toContain("New requests: 1");

    await detailOf(page).getByText("The message to sign").click();
    expect(await detailOf(page).locator("pre.message").innerText()).toMatch(
      new RegExp(
        `1 method\\s+POST⏎\\s+2 URL\\s+${PRE_ORDER}⏎\\s+3 timestamp\\s+\\d{10}⏎\\s+4 nonce\\s+\\w{32}⏎\\s+5 body`,
      ),
    );
  });

  test("opens at the request that its address names, as the terminal prints it, and names the one that is chosen", async () => {
    const page = await open();
    await choose(page, () => wechatpay.POST(PRE_ORDER, { body: newOrder() }));
    const address = page.url();
    expect(address).toMatch(/\/#\/requests\/\d+$/);
    await choose(page, () => wechatpay.GET("/v3/certificates"));
    expect(page.url()).not.toBe(address);

    await page.goto("about:blank");
    await page.goto(address);
    await isTold(page);
    await detailOf(page)
      .getByRole("heading", { level: 2, name: `POST ${PRE_ORDER}` })
      .waitFor();
    expect(await newest(page).getAttribute("aria-current")).toBeNull();
    await page.evaluate(() => location.assign("#/requests/0"));
    await detailOf(page)
      .getByRole("heading", { level: 2, name: `POST ${PRE_ORDER}` })
      .waitFor();
  });

  test("shows what was signed beside what was expected, with the first difference marked and told", async () => {
    const page = await open();
    const target = "/v3/payroll-card/relations/o1?sub_mchid=1111111";
    const signedTarget = "/v3/payroll-card/relations/o1";
    const detail = await choose(page, () => sendSigned({ method: "GET", target: signedTarget }, target));
    expect(await detail.textContent()).toContain("The query string was not signed.");
    await detail
      .getByText("First difference: line 2 (URL), character 30: you signed “(nothing)”, expected “?sub_mchid=1111111”.")
      .waitFor();
    const [signed, expected] = [
      detail.getByRole("figure", { name: "What you signed" }),
      detail.getByRole("figure", { name: "What WeChat Pay expects" }),
    ];
    expect(await signed.locator("mark").allTextContents()).toEqual(["∅"]);
    expect(await expected.locator("mark").allTextContents()).toEqual(["?sub_mchid=1111111"]);
    expect(await expected.locator(".line").nth(1).textContent()).toBe(`2 URL${target}⏎`);
  });

  test("marks one character where much more differs, and shows line feeds that are missing", async () => {
    const page = await open();
    const body = JSON.stringify(newOrder());
    const pythonic = body.replace(/([,:])"/g, '$1 "');
    await choose(page, () => sendSigned({ target: PRE_ORDER, body: pythonic }, PRE_ORDER, { method: "POST", body }));
    const marks = detailOf(page).locator("mark");
    await eventually(() => marks.allTextContents()).toEqual([" ", '"']);
    await detailOf(page).getByText('line 5 (body), character 11: you signed “ ”, expected “"”').waitFor();

    const timestamp = Math.floor((Date.now() + advanced) / 1000);
    const signature = signText(credentials.privateKey, `GET\n/v3/certificates\n${timestamp}\nnonce\n`);
    await choose(page, () => sendSigned({ timestamp, nonce: "nonce", signature }, "/v3/certificates"));
    await eventually(() => marks.allTextContents()).toEqual(["∅", "⏎"]);
    await detailOf(page).getByText("line 5 (body), character 1: you signed “(nothing)”, expected “⏎”").waitFor();
  });

  test("shows the cause and the expected message alone where nobody can tell what was signed", async () => {
    const page = await open();
    const body = JSON.stringify(newOrder());
    await choose(page, () => sendSigned({ body: '{"another":"order"}' }, PRE_ORDER, { method: "POST", body }));
    await detailOf(page)
      .getByText(/Another message was signed/)
      .waitFor();
    expect(await detailOf(page).getByRole("figure").count()).toBe(1);
    expect(await detailOf(page).getByRole("figure").textContent()).toContain(body);
    expect(await detailOf(page).locator("mark").count()).toBe(0);
  });

  test("shows decrypted what was encrypted on its way", async () => {
    const page = await open();
    await choose(page, () => wechatpay.POST(TOKENS, { body: tokenRequest }));
    const fields = detailOf(page).getByRole("table");
    await expect
      .poll(() => fields.getByRole("row").allTextContents())
      .toEqual(["FieldPlain text", "Request body /user_name张三", "Request body /id_card_number110101199003070012"]);
    expect(await detailOf(page).getByText('"user_name": "张三"').count()).toBe(1);
  });

  test("has the user's buttons, and the API answers accordingly", async () => {
    const page = await open();
    const { openid, ...query } = user;
    // The next request is told apart by the number of rows, so this one's row has to be there.
    const isShown = () => eventually(() => newest(page).textContent()).toContain(" GET ");
    const stateOf = async () => {
      const params = { path: { openid }, query };
      const reply = await wechatpay.GET("/v3/payroll-card/relations/{openid}", { params });
      await isShown();
      return unwrap(reply).authorize_state;
    };
    await choose(page, () => wechatpay.POST(TOKENS, { body: tokenRequest }));
    await detailOf(page)
      .getByRole("heading", { name: `POST ${TOKENS}` })
      .waitFor();
    expect(await pressNamed(page, "Withdraw authorization")).toBe("The user has withdrawn the authorization.");
    expect(await stateOf()).toBe("DEAUTHORIZED");
    expect(await pressNamed(page, "Withdraw authorization")).toMatch(/there is nothing to take back/);

    const refused = await choose(page, () => wechatpay.POST(PRE_ORDER, { body: newOrder() }));
    await refused.getByText("✗ business error").waitFor();
    expect(await refused.getByRole("button").allTextContents()).toEqual(["Authorize", "Withdraw authorization"]);
    expect(await pressNamed(page, "Authorize")).toBe("The user has authorized.");
    expect(await stateOf()).toBe("AUTHORIZED");

    for (const [button, state] of [
      ["Pass the face check", "AUTHENTICATE_SUCCESS"],
      ["Fail the face check", "AUTHENTICATE_FAILED"],
    ] as const) {
      const body = newOrder();
      await choose(page, () => wechatpay.POST(PRE_ORDER, { body }));
      await detailOf(page).getByText(body.authenticate_number).first().waitFor();
      expect(await pressNamed(page, button)).toBe(`Result of the face check: ${state}`);
      const init = {
        params: { path: { authenticate_number: body.authenticate_number }, query: { sub_mchid: user.sub_mchid } },
      };
      const path = "/v3/payroll-card/authentications/{authenticate_number}";
      expect(unwrap(await wechatpay.GET(path, init)).authenticate_state).toBe(state);
      await isShown();
    }
  });

  test("shows orders, refunds and transfers, and has their users act", async () => {
    const pay = createPayClient({ ...credentials, baseUrl: url, clock: () => Date.now() + advanced });
    const page = await open();
    const body = {
      appid: "wxd678efh567hg6787",
      mchid: credentials.mchid,
      description: "Image形象店-深圳腾大-QQ公仔",
      out_trade_no: "console-order",
      notify_url: "https://www.example.com/notify",
      amount: { total: 100 },
      payer: { openid: user.openid },
    };
    unwrap(await pay.POST("/v3/pay/transactions/jsapi", { body }));
    const row = (number: string) => page.locator("#records tr", { hasText: number });
    await row("console-order").getByText("NOTPAY").waitFor();
    await row("console-order").getByRole("button", { name: "Pay" }).click();
    await row("console-order").getByText("SUCCESS").waitFor();
    expect(await row("console-order").getByRole("button").count()).toBe(0);

    const amount = { refund: 30, total: 100, currency: "CNY" as const };
    const refund = { out_trade_no: "console-order", out_refund_no: "console-refund", amount };
    unwrap(await pay.POST("/v3/refund/domestic/refunds", { body: refund }));
    await row("console-refund").getByRole("button", { name: "Fail (ABNORMAL)" }).click();
    await row("console-refund").getByText("ABNORMAL").waitFor();
    await row("console-refund").getByRole("button", { name: "Succeed" }).click();
    await row("console-refund").getByText("SUCCESS").waitFor();

    const transfer = openapiOfPay.components.examples["createTransferBill.minimal.request"].value;
    const bills = "/v3/fund-app/mch-transfer/transfer-bills";
    for (const [out_bill_no, name, state] of [
      ["consoleConfirmed", "Confirm", "SUCCESS"],
      ["consoleFailed", "Confirm and fail", "FAIL"],
    ] as const) {
      unwrap(await pay.POST(bills, { body: { ...transfer, out_bill_no } }));
      await row(out_bill_no).getByRole("button", { name, exact: true }).click();
      await row(out_bill_no).getByText(state, { exact: true }).waitFor();
    }
    await page.getByRole("button", { name: "中文" }).click();
    await row("console-order").getByText("订单").waitFor();
    await page.getByRole("button", { name: "English" }).click();
  });

  test("sets time forward: a token dies", async () => {
    const page = await open();
    await choose(page, () => wechatpay.POST(PRE_ORDER, { body: newOrder() }));
    expect(await pressNamed(page, "+5 min")).toMatch(/^Sandbox time moved forward by 5 min:/);
    advanced += 300_000;
    await page.getByText("5 min ahead").waitFor();
    expect(await pressNamed(page, "Pass the face check")).toMatch(/^The token of \w+ died after 300 s/);
    unwrap(await wechatpay.GET("/v3/certificates"));
  });

  test("lets a transfer fail", async () => {
    const page = await open();
    await choose(page, () => wechatpay.POST(BATCHES, { body: batch }));
    expect(await pressNamed(page, "Fail x23zy545Bd5437")).toBe(
      "When the batch finishes, x23zy545Bd5437 will have failed.",
    );
    await pressNamed(page, "+1 h");
    advanced += 3_600_000;
    const path = "/v3/partner-transfer/batches/out-batch-no/{out_batch_no}/details/out-detail-no/{out_detail_no}";
    const statusOf = async (out_detail_no: string) => {
      const params = { path: { out_batch_no: batch.out_batch_no, out_detail_no } };
      return unwrap(await wechatpay.GET(path, { params })).detail_status;
    };
    expect([await statusOf("x23zy545Bd5436"), await statusOf("x23zy545Bd5437")]).toEqual(["SUCCESS", "FAIL"]);
  });

  test("makes the next request fail", async () => {
    const page = await open();
    await page.getByLabel("Fault", { exact: true }).selectOption("bad-gateway");
    await page.getByLabel("Times").fill("2");
    expect(await pressNamed(page, "Add fault")).toBe("The next requests will fail: 502, in HTML (2×).");
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await wechatpay.POST(PRE_ORDER, { body: newOrder() })).response.status);
    expect(statuses).toEqual([502, 502, 200]);
    await eventually(() => listOf(page).nth(1).textContent()).toContain("502 ⚡ bad-gateway");
    await listOf(page).nth(1).getByRole("button").click();
    await detailOf(page).getByText("<center><h1>502 Bad Gateway</h1></center>").waitFor();
  });

  test("rotates certificates", async () => {
    const page = await open();
    const listed = async () => unwrap(await wechatpay.GET("/v3/certificates")).data.map(({ serial_no }) => serial_no);
    const before = await listed();
    const note = await pressNamed(page, "Rotate certificates");
    const added = (await listed()).filter((serial) => !before.includes(serial));
    expect(added).toHaveLength(1);
    expect(note).toContain(added[0]);
  });

  test("speaks Chinese and English, and remembers which", async () => {
    const page = await open();
    expect(await page.getAttribute("html", "lang")).toBe("en");
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByRole("heading", { name: "微信支付沙箱" }).waitFor();
    expect(await page.getAttribute("html", "lang")).toBe("zh-CN");
    expect(await page.title()).toBe("微信支付沙箱");
    await page.getByRole("region", { name: "请求", exact: true }).getByText("签名错误").first().click();
    await page.getByRole("region", { name: "请求详情" }).getByRole("heading", { name: "签名比对" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "清空" }).waitFor();
    // Nothing is left in English but what is nobody's text.
    const shown = await page.locator("button, label, h1, h2, h3, dt, a, legend, figcaption").allTextContents();
    const english = shown.filter((text) => !/\p{Script=Han}/u.test(text) && !/^(English|POST|GET|\d\d:)/.test(text));
    expect(english).toEqual([]);
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("button", { name: "Add fault" }).waitFor();
  });

  test("is used with the keyboard alone", async () => {
    const page = await open();
    await listOf(page).nth(2).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    const tabTo = async (name: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press("Tab");
        if ((await focused()).includes(name)) return;
      }
      throw new Error(`Tab does not lead to ${name}.`);
    };
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the details");
    await tabTo("Clear");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe(await newest(page).textContent());
    const outline = await newest(page).evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).toBe("solid");

    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    expect(await focused()).toBe(await listOf(page).nth(1).textContent());
    expect(await listOf(page).nth(1).getByRole("button").getAttribute("aria-current")).toBe("true");
    await page.keyboard.press("Home");
    expect(await page.locator("[aria-current]").count()).toBe(1);
    expect(await newest(page).getAttribute("aria-current")).toBe("true");

    unwrap(await wechatpay.POST(PRE_ORDER, { body: newOrder() }));
    await eventually(() => newest(page).getAttribute("aria-current")).toBeNull();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await tabTo("Pass the face check");
    await page.keyboard.press("Enter");
    await page.getByText("Result of the face check: AUTHENTICATE_SUCCESS").waitFor();
  });

  test.each(["light", "dark"] as const)("has no violation that axe knows of, in %s", async (colorScheme) => {
    const page = await open();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8"));
    for (const verdict of ["wrong signature", "accepted", "bad-gateway"]) {
      await listOf(page).getByText(verdict).first().click();
      await pressNamed(page, "Rotate certificates");
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: object[] }> } };
        return (await axe.run()).violations;
      });
      expect(violations).toEqual([]);
    }
  });

  test("fits 360 pixels", async () => {
    const page = await open();
    await page.setViewportSize({ width: 360, height: 740 });
    for (const text of ["wrong signature", "createToken"]) {
      await listOf(page).getByText(text).first().click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    }
  });

  test("brings the details into view where they are below the list", async () => {
    const page = await open();
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.setViewportSize({ width: 400, height: 700 });
    await newest(page).click();
    await eventually(() => detailOf(page).evaluate((element) => element.getBoundingClientRect().top)).toBeLessThan(350);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("detail");
  });

  test("shows hostile requests as text", async () => {
    const page = await open();
    const markup = "<img/src=x/onerror=document.title='owned'>";
    request(`${url}/`, { path: `/v3/${markup}?${markup}` }).end();
    await eventually(() => newest(page).textContent()).toContain(`/v3/${markup}?${markup}`);
    const body = JSON.stringify({ ...newOrder(), project_name: `${markup}\u202Eevil`, [markup]: markup });
    await choose(page, () =>
      sendSigned({ target: PRE_ORDER, body: `${body}${markup}` }, PRE_ORDER, { method: "POST", body }),
    );
    expect(await detailOf(page).getByText(markup).first().textContent()).toContain("⟨U+202E⟩evil");
    expect(await page.locator("img, main script").count()).toBe(0);
    expect(await page.title()).toBe("WeChat Pay sandbox");
  });

  test("holds no key", async () => {
    const page = await open();
    await listOf(page).first().waitFor();
    const html = await page.content();
    expect(html).not.toContain(credentials.apiV3Key);
    expect(html).not.toContain(credentials.privateKey.split("\n")[1]);
  });

  test("has the API docs one click away", async () => {
    const page = await open();
    const [docs] = await Promise.all([
      page.waitForEvent("popup"),
      page.getByRole("link", { name: "API docs" }).click(),
    ]);
    await docs.getByRole("heading", { level: 1, name: "WeChat Pay payroll card" }).waitFor();
    expect(docs.url()).toBe(`${url}/console/docs`);
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
    const before = await listOf(page).count();
    await see(page, "hidden");
    unwrap(await wechatpay.POST(PRE_ORDER, { body: newOrder() }));
    expect(await listOf(page).count()).toBe(before);
    await see(page, "visible");
    await eventually(() => listOf(page).count()).toBe(before + 1);
    await isTold(page);
  });

  test("says of an answer whether it arrived", async () => {
    const page = await open();
    for (const [fault, told] of [
      ["reset", "The caller did not get this reply, because of a fault: connection lost."],
      ["unsigned", "The reply reached the caller with a fault: reply not signed."],
    ] as const) {
      await page.getByLabel("Fault", { exact: true }).selectOption(fault);
      await page.getByLabel("Times").fill("1");
      await pressNamed(page, "Add fault");
      await choose(page, () => wechatpay.POST(PRE_ORDER, { body: newOrder() }).catch(() => {}));
      await detailOf(page).getByText(told).waitFor();
    }
  });

  test("ends faults that no request has met yet", async () => {
    const page = await open();
    await pressNamed(page, "Add fault");
    expect(await pressNamed(page, "End faults")).toBe("The faults that were added here and not used yet are gone.");
    unwrap(await wechatpay.POST(PRE_ORDER, { body: newOrder() }));
  });

  test("keeps a batch of 1,000 transfers usable", async () => {
    const page = await open();
    const [detail] = batch.transfer_detail_list;
    if (detail === undefined) throw new Error("The example has no transfer.");
    const transfer_detail_list = Array.from({ length: 1000 }, (_, i) => ({ ...detail, out_detail_no: `many${i}` }));
    const total_amount = 1000 * detail.transfer_amount;
    const body = { ...batch, out_batch_no: "many", total_amount, total_num: 1000, transfer_detail_list };
    await choose(page, async () => unwrap(await wechatpay.POST(BATCHES, { body })));
    await detailOf(page).getByText("1000 fields").waitFor();
    await detailOf(page).getByText("1000 transfers: choose which fail").click();
    expect(await pressNamed(page, "Fail many999")).toBe("When the batch finishes, many999 will have failed.");
    await detailOf(page).getByText("Too long: only the beginning is shown.").first().waitFor();
  });

  test.each<[what: string, body: string]>([
    ["JSON of 3,000 levels", "[".repeat(3000) + "]".repeat(3000)],
    ["JSON of 100 levels and many values", `${"[".repeat(100)}${Array(500_000).fill(1)}${"]".repeat(100)}`],
    ["5 MB of short lines", "ab\n".repeat(1_700_000)],
  ])("shows the beginning of %s, signed right or wrong", async (_, body) => {
    const page = await open();
    for (const signed of [body, "\n".repeat(500_000)]) {
      await choose(page, () => sendSigned({ target: PRE_ORDER, body: signed }, PRE_ORDER, { method: "POST", body }));
      const cut = detailOf(page).getByText("Too long: only the beginning is shown.").first();
      if (body.length > 100_000) await cut.waitFor();
      expect((await detailOf(page).innerText()).length).toBeLessThan(1_000_000);
    }
  });

  test("is cleared, for every page that is open", async () => {
    const page = await open();
    await listOf(page).first().waitFor();
    expect(await pressNamed(page, "Clear")).toBe("The list is empty.");
    await detailOf(page).getByText("Waiting for the first request").waitFor();
    expect(await listOf(page).count()).toBe(0);
  });

  test("counts what arrived, also what it shows no more and what the sandbox dropped", async () => {
    const page = await open();
    const count = () => eventually(() => page.locator("#count").textContent());
    const send = async (many: number) => {
      for (let i = 0; i < many; i++) await (await fetch(`${url}/v3/nowhere/${i}`)).text();
    };
    await pressNamed(page, "Clear");
    await count().toBe("0");
    await send(3);
    await count().toBe("3");
    await send(498);
    await count().toBe("500 of 501");
    await send(501);
    await count().toBe("500 of 1002; the sandbox dropped the oldest 2");
    await page.getByRole("button", { name: "中文" }).click();
    await count().toBe("共 1002 个，显示 500 个，沙箱已丢弃最早的 2 个");
    await page.getByRole("button", { name: "English" }).click();
    await pressNamed(page, "Clear");
    await count().toBe("0");
  });

  test("says when the sandbox has gone", async () => {
    const page = await open();
    await page.getByText("Live").waitFor();
    child.kill();
    await page.getByText("Connection lost, trying again…").waitFor();
    expect(await pressNamed(page, "+24 h")).toBe("The sandbox does not answer. Is it still running?");
    // What a browser writes when nobody listens any more.
    const written = visit.errors.splice(0);
    expect(written.length).toBeGreaterThan(0);
    for (const error of written) expect(error).toMatch(/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING)/);
  });
});
