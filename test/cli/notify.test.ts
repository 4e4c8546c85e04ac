import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createRawServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acknowledge, createNotificationReceiver, type Notification, refuse } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { openKeyFolder } from "../../src/cli/key-folder.js";
import { closedPort, prepareCommand } from "../support/command.js";

const prepared = prepareCommand();
let to: string;
const nowhere = `http://127.0.0.1:${await closedPort()}`;
let received: Notification | undefined;
let verify = true;

beforeAll(async () => {
  const { keys } = await openKeyFolder(join(prepared.folder, "keys"));
  const receive = createNotificationReceiver((await createSandbox({ keys, platformKeys: "gray" })).credentials);
  // A handler as guide/notifications.md has it, and a careless one.
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const handle = async () => {
      received = await receive({ headers: request.headers, body: Buffer.concat(chunks) });
      return acknowledge();
    };
    const answer = verify ? await handle().catch(({ name }) => refuse(name)) : acknowledge();
    response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  to = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
  afterAll(() => server.close());
});

const notify = (args: readonly string[], input?: string) =>
  prepared.wechatpay(["notify", "--keys=keys", "--to", to, ...args], input === undefined ? {} : { input }).ended;

describe("wechatpay notify", () => {
  test("sends what the handler's keys verify and decrypt, and shows its answer", async () => {
    const end = await notify(["TRANSACTION.SUCCESS"]);
    expect(end).toMatchObject({ code: 0, stderr: "" });
    expect(end.stdout).toMatch(
      /^TRANSACTION\.SUCCESS → 204 No Content {2}\d+ ms\nAccepted: WeChat Pay would not send it again\.\n$/,
    );
    expect(received).toMatchObject({
      event_type: "TRANSACTION.SUCCESS",
      resource: { mchid: "1900000109", trade_state: "SUCCESS" },
    });
  });

  test("each event carries its own documented example, with the sandbox's merchant number", async () => {
    expect(await notify(["REFUND.SUCCESS"])).toMatchObject({ code: 0, stderr: "" });
    expect(received?.resource).toMatchObject({ mchid: "1900000109", refund_status: "SUCCESS" });
    expect(received?.resource).not.toHaveProperty("trade_state");
  });

  test.each(["certificate", "gray"])("--platform-keys %s signs with the certificate", async (mode) => {
    expect(await notify(["REFUND.SUCCESS", "--platform-keys", mode])).toMatchObject({ code: 0, stderr: "" });
  });

  test("what a terminal obeys is shown, not done, wherever the handler writes it", async () => {
    const server = createRawServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 \x1b[31mOK\r\nContent-Length: 4\r\n\r\n\x1b[2J"));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const hostile = `--to=http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const shown = await notify(["REFUND.SUCCESS", hostile]);
    const line = await notify(["REFUND.SUCCESS", hostile, "--json"]);
    server.close();
    expect(shown.stdout).toMatch(/^REFUND\.SUCCESS → 200 �\[31mOK {2}\d+ ms\n�\[2J\n/);
    expect(line.stdout).not.toContain("\x1b");
    expect(JSON.parse(line.stdout)).toMatchObject({ status: 200, body: "\x1b[2J" });
  });

  test("--resource says what the event carries", async () => {
    expect(await notify(["X.Y", "--resource=-"], '{"openid":"o"}')).toMatchObject({ code: 0 });
    expect(received?.resource).toEqual({ openid: "o" });
    await writeFile(join(prepared.folder, "resource.json"), '{"openid":"p"}');
    const end = await notify(["X.Y", "--resource=resource.json", "--json"]);
    expect(JSON.parse(end.stdout)).toEqual({ status: 204, body: "", took: expect.any(Number) });
    expect(received?.resource).toEqual({ openid: "p" });
  });

  test.each(["bad-signature", "signature-probe", "unknown-serial", "clock-skew", "tampered-body"])(
    "--fault %s: a handler that verifies refuses it, and one that does not is found",
    async (fault) => {
      const good = await notify(["REFUND.SUCCESS", "--fault", fault]);
      expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining("Refused, as it must be.") });
      verify = false;
      const bad = await notify(["REFUND.SUCCESS", "--fault", fault]);
      verify = true;
      expect(bad).toMatchObject({ code: 2, stdout: expect.stringContaining("Accepted, and it must not be") });
    },
  );

  test.each([
    [["REFUND.SUCCESS", `--to=${nowhere}/notify`], `--to ${nowhere}: nobody listens there.`],
    [["REFUND.SUCCESS", "--to=localhost:3000"], "url must be an http or https URL"],
    [
      ["REFUND.SUCCESS", "--keys=none"],
      "There are no keys of a sandbox in none: wechatpay sandbox --keys none makes them.",
    ],
    [["REFUND.SUCCESS", "--keys=$(id)"], "wechatpay sandbox --keys '$(id)' makes them."],
    [["REFUND.SUCCESS", "--fault=hang"], "--fault must be one of bad-signature,"],
    [["REFUND.SUCCESS", "--resource=none.json"], '--resource: there is no file "none.json".'],
    [["REFUND.SUCCESS", "--resource=-"], "--resource must be JSON, an object or a list."],
    [
      ["TRANSACTION.SUCESS"],
      "resource is missing, and the document has no example of TRANSACTION.SUCESS: give one. It has TRANSACTION.SUCCESS, REFUND.SUCCESS,",
    ],
    [[], "notify lacks an argument."],
  ])("%j is refused by name", async (args, message) => {
    expect(await notify(args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
  });
});
