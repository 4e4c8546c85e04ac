import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, describe, expect, test } from "vitest";
import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { verifyText } from "../../support/keys.js";
import { examples, freshRequest, PRE_ORDER } from "../../support/wechatpay.js";
import { signedHeaders } from "../signed.js";

/** A good body, another one each time. */
const good = () => JSON.stringify(freshRequest());

const sandbox = await createSandbox();
const { credentials } = sandbox;
const [[platformKeyId, platformKey] = ["", ""]] = Object.entries(credentials.platformKeys);
const { url, close } = await sandbox.listen({ port: 0 });
const { port, host } = new URL(url);
afterAll(close);

interface Reply {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** One request by node:http, which sends path and headers as they are given. */
async function send(
  options: { path?: string; method?: string; headers?: Record<string, string | string[]> },
  body: string | Buffer = "",
): Promise<Reply> {
  const outgoing = request({ host: "127.0.0.1", port, agent: false, method: "POST", path: PRE_ORDER, ...options });
  outgoing.end(body);
  const [incoming] = await once(outgoing, "response");
  return { status: incoming.statusCode, headers: incoming.headers, body: Buffer.concat(await incoming.toArray()) };
}

/** Bytes on a bare connection; the reply's, until the server ends it. */
async function sendRaw(...lines: string[]): Promise<string> {
  const socket = connect(Number(port), "127.0.0.1");
  socket.write(lines.join("\r\n"));
  const chunks: Buffer[] = await socket.toArray();
  return Buffer.concat(chunks).toString();
}

test("listens on IPv4 loopback, on a port that is free", () => {
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
});

test("our client, with nothing but the URL and the credentials", async () => {
  const wechatpay = createWeChatPayClient({ ...credentials, baseUrl: url });
  const reply = unwrap(await wechatpay.POST(PRE_ORDER, { body: examples.request }));
  expect(reply).toMatchObject({ openid: examples.request.openid, mchid: credentials.mchid, expires_in: 300 });
});

describe("any other client", () => {
  test("gets a signed reply, with its length and how long an idle connection is kept", async () => {
    const sent = good();
    const { status, headers, body } = await send(
      { headers: { ...signedHeaders(credentials, { target: PRE_ORDER, body: sent }), Connection: "keep-alive" } },
      sent,
    );
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "content-length": String(body.length),
      "keep-alive": "timeout=8",
      "wechatpay-serial": platformKeyId,
    });
    const message = `${headers["wechatpay-timestamp"]}\n${headers["wechatpay-nonce"]}\n${body}\n`;
    expect(verifyText(platformKey, message, String(headers["wechatpay-signature"]))).toBe(true);
  });

  test("gets an empty 404 or 405", async () => {
    for (const [expected, options] of [
      [404, { path: "/" }],
      [404, { path: "*", method: "OPTIONS" }],
      [405, { method: "GET" }],
      [405, { method: "HEAD" }],
    ] as const) {
      const { status, headers, body } = await send(options);
      expect([status, headers["content-length"], body.length]).toEqual([expected, "0", 0]);
      expect(headers).not.toHaveProperty("wechatpay-signature");
    }
  });

  test("must send Accept and User-Agent itself", async () => {
    const body = good();
    const { "User-Agent": _, ...headers } = signedHeaders(credentials, { target: PRE_ORDER, body });
    expect((await send({ headers }, body)).status).toBe(400);
    expect(sandbox.requests.at(-1)?.verdict).toBe("missing-header");
  });

  test("must not send Authorization twice", async () => {
    const body = good();
    const { Authorization = "", ...headers } = signedHeaders(credentials, { target: PRE_ORDER, body });
    const reply = await send({ headers: { ...headers, Authorization: [Authorization, Authorization] } }, body);
    expect([reply.status, sandbox.requests.at(-1)?.verdict]).toEqual([401, "malformed-authorization"]);
  });

  test("may send its body in chunks, and wait for 100 Continue", async () => {
    const body = good();
    const headers = { ...signedHeaders(credentials, { target: PRE_ORDER, body }), Expect: "100-continue" };
    const outgoing = request({ host: "127.0.0.1", port, agent: false, method: "POST", path: PRE_ORDER, headers });
    outgoing.flushHeaders();
    await once(outgoing, "continue");
    outgoing.write(body.slice(0, 100));
    outgoing.end(body.slice(100));
    const [incoming] = await once(outgoing, "response");
    expect(incoming.resume().statusCode).toBe(200);
  });

  test("may send a large body: 3 MB, read to the end", async () => {
    const body = JSON.stringify({ ...examples.request, project_name: "某".repeat(1_000_000) });
    const { status } = await send({ headers: signedHeaders(credentials, { target: PRE_ORDER, body }) }, body);
    expect([status, sandbox.requests.at(-1)?.verdict]).toEqual([400, "invalid-parameter"]);
    const cut = signedHeaders(credentials, { target: PRE_ORDER, body: body.slice(0, -1) });
    expect((await send({ headers: cut }, body)).status).toBe(401);
  });

  test("may send no more than 16 MiB: an empty, unsigned 413, however it was sent", async () => {
    const body = `"${"a".repeat(2 ** 24)}"`;
    const headers = signedHeaders(credentials, { target: PRE_ORDER, body });
    const overHttp = await send({ headers: { ...headers, "Transfer-Encoding": "chunked" } }, body);
    const inProcess = await sandbox.fetch(url + PRE_ORDER, { method: "POST", headers, body });
    expect([overHttp.status, overHttp.body.length, inProcess.status, await inProcess.text()]).toEqual([
      413,
      0,
      413,
      "",
    ]);
    expect([overHttp.headers["wechatpay-signature"], inProcess.headers.get("Wechatpay-Signature")]).toEqual([
      undefined,
      null,
    ]);
    const judged = { verdict: "too-large", status: 413, body: undefined };
    expect(sandbox.requests.slice(-2)).toMatchObject([judged, judged]);
  });

  test.each([101, 6000, 1_000_000])("may not nest JSON deeply: %d levels", async (levels) => {
    // As a field that the spec does not know, which is let through.
    const body = `${good().slice(0, -1)},"deep":${"[".repeat(levels)}1${"]".repeat(levels)}}`;
    const headers = signedHeaders(credentials, { target: PRE_ORDER, body });
    const reply = await send({ headers }, body);
    expect(reply.status).toBe(400);
    expect(JSON.parse(String(reply.body))).toMatchObject({
      code: "PARAM_ERROR",
      detail: { field: "", issue: "is nested too deeply: more than 100 levels", value: null },
    });
    expect(reply.headers).toHaveProperty("wechatpay-signature");
    // Whoever reads what arrived must not be led so deep either.
    expect(sandbox.requests.at(-1)).toMatchObject({ verdict: "invalid-parameter", body });

    const { Authorization: _, ...unsigned } = headers;
    expect((await send({ headers: unsigned }, body)).status).toBe(401);
  });

  test("may nest JSON for 99 levels", async () => {
    const body = `${good().slice(0, -1)},"deep":${"[".repeat(99)}1${"]".repeat(99)}}`;
    expect((await send({ headers: signedHeaders(credentials, { target: PRE_ORDER, body }) }, body)).status).toBe(200);
  });

  test("may keep the connection for many requests, and send them without waiting", async () => {
    const lines = (body: string, connection: string) => [
      `POST ${PRE_ORDER} HTTP/1.1`,
      `Host: ${host}`,
      ...Object.entries(signedHeaders(credentials, { target: PRE_ORDER, body })).map((header) => header.join(": ")),
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Connection: ${connection}`,
      "",
      body,
    ];
    const [first, second] = [lines(good(), "keep-alive"), lines(good(), "close")];
    const reply = await sendRaw(first.join("\r\n") + second.join("\r\n"));
    expect(reply.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });
});

describe("the target is verified as it stands in the request line", () => {
  test.each([
    ["percent-encoded Chinese", `${PRE_ORDER}?a=%E6%9F%90%e6%9f%90`],
    ["a single quote, a plus and a bar", `${PRE_ORDER}?a='b'+c|d`],
    ["what a URL parser would change", `${PRE_ORDER}?a="<>\`{}^\\`],
    ["a lone question mark", `${PRE_ORDER}?`],
  ])("%s", async (_what, target) => {
    const body = good();
    const { status } = await send({ path: target, headers: signedHeaders(credentials, { target, body }) }, body);
    expect([status, sandbox.requests.at(-1)?.path]).toEqual([200, target]);
  });

  test("an origin before it, as for a proxy, is left out", async () => {
    const target = `${PRE_ORDER}?a=b`;
    const body = good();
    const headers = signedHeaders(credentials, { target, body });
    const { status } = await send({ path: `HTTP://${host}${target}`, headers }, body);
    expect([status, sandbox.requests.at(-1)?.path]).toEqual([200, target]);
  });

  test("dots are not resolved: that path is another one", async () => {
    const target = `/v3/x/..${PRE_ORDER}`;
    const body = good();
    const headers = signedHeaders(credentials, { target, body });
    expect((await send({ path: target, headers }, body)).status).toBe(404);
  });
});

describe("bad HTTP does no harm", () => {
  test.each([
    ["a line break in the middle of a header's value", "Accept: a\nb"],
    ["a zero byte in a header's value", "Accept: a\0b"],
    ["a blank before the colon", "Accept : a"],
    ["no HTTP version that there is", "Accept: a", "HTTP/9.9"],
  ])("%s: 400, and nothing arrives", async (_what, header, version = "HTTP/1.1") => {
    const before = sandbox.requests.length;
    const reply = await sendRaw(`GET ${PRE_ORDER} ${version}`, `Host: ${host}`, header, "", "");
    expect(reply).toMatch(/^HTTP\/1\.1 (400|505) /);
    expect(sandbox.requests).toHaveLength(before);
  });

  test("a client that hangs up in the middle of its body", async () => {
    const before = sandbox.requests.length;
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(`POST ${PRE_ORDER} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\n{"openid"`);
    await once(socket, "connect");
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sandbox.requests).toHaveLength(before);
    expect((await send({ path: "/" })).status).toBe(404);
  });

  test("an onRequest that throws is a 500, and not the end", async () => {
    const fussy = await createSandbox({
      onRequest: () => {
        throw new Error("not today");
      },
    });
    const listening = await fussy.listen();
    for (const _ of [1, 2]) expect((await fetch(listening.url)).status).toBe(500);
    await listening.close();
  });
});

describe("close()", () => {
  test("frees the port, whatever connections are open, and may be called again", async () => {
    const listening = await sandbox.listen();
    const target = new URL(listening.url);
    const sockets: Socket[] = [];
    for (const start of ["", `POST ${PRE_ORDER} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{`]) {
      const socket = connect(Number(target.port), target.hostname);
      await once(socket, "connect");
      socket.write(start);
      sockets.push(socket);
    }
    // fetch keeps this one open.
    expect((await fetch(target)).status).toBe(404);

    const ended = Promise.all(
      sockets.map((socket) =>
        once(
          socket.on("error", () => {}),
          "close",
        ),
      ),
    );
    await listening.close();
    await ended;
    await listening.close();
    const again = await sandbox.listen({ port: Number(target.port) });
    expect(again.url).toBe(listening.url);
    await again.close();
    await expect(fetch(target)).rejects.toThrow(TypeError);
  });

  test("leaves other servers of the same sandbox alone", async () => {
    const listening = await sandbox.listen();
    await listening.close();
    expect((await send({ path: "/" })).status).toBe(404);
  });
});

test("a port that is taken rejects with the platform's error", async () => {
  await expect(sandbox.listen({ port: Number(port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

test.runIf(hasIpv6)("another host is possible", async () => {
  const listening = await sandbox.listen({ host: "::1" });
  expect(listening.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await fetch(listening.url)).status).toBe(404);
  await listening.close();
});
