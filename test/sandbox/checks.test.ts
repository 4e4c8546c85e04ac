import { afterAll, describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";

const sandbox = await createSandbox();
const { url, close } = await sandbox.listen({ console: true });
afterAll(close);

const user = { openid: "o-MYE42l80oelYMDE34nYD456Xoy", sub_mchid: "1111111" };
const event = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: "1" } };
const answer = { fetch: () => new Response(null, { status: 204 }) };

/** A function of the sandbox with one argument that may be anything, as from JavaScript. */
type Call = (given: never) => unknown;
const PORT = "port must be a whole number from 0 to 65535";
const HOST = "host must be an IP address or a host name";
const COUNT = "must be a whole number above 0, or Infinity";

/** Each option and each argument, and what it wants; what is left out or undefined has its default, where there is one. */
const options: [name: string, wanted: string, call: Call][] = [
  ["createSandbox()", "the options of createSandbox must be an object", (given) => createSandbox(given)],
  ["openapi", "openapi must be an OpenAPI document", (openapi) => createSandbox({ openapi })],
  ["openapi.paths", "openapi must be an OpenAPI document", (paths) => createSandbox({ openapi: { paths } })],
  [
    "an operation of openapi",
    "openapi must be an OpenAPI document",
    (get) => createSandbox({ openapi: { paths: { "/v3/x": { get } } } }),
  ],
  ["behaviours", "behaviours must be an object", (behaviours) => createSandbox({ behaviours })],
  ["platformKeys", "platformKeys must be one of public-key,", (platformKeys) => createSandbox({ platformKeys })],
  ["clock", "clock must be a function", (clock) => createSandbox({ clock })],
  ["what clock returns", "clock must be a function that gives ms", (now) => createSandbox({ clock: () => now })],
  ["onRequest", "onRequest must be a function", (onRequest) => createSandbox({ onRequest })],
  ["requestLog", "requestLog must be an object", (requestLog) => createSandbox({ requestLog })],
  ["maxEntries", `maxEntries ${COUNT}`, (maxEntries) => createSandbox({ requestLog: { maxEntries } })],
  ["maxBodyBytes", `maxBodyBytes ${COUNT}`, (maxBodyBytes) => createSandbox({ requestLog: { maxBodyBytes } })],
  ["listen()", "the options of listen must be an object", (given) => sandbox.listen(given)],
  ["port", PORT, (port) => sandbox.listen({ port })],
  ["advance()", "ms must be a number of milliseconds", (ms) => sandbox.advance(ms)],
  ["fail()", "the options of fail must be an object", (given) => sandbox.fail(given)],
  ["fault", "fault must be one of system-error,", (fault) => sandbox.fail({ fault })],
  ["times", `times ${COUNT}`, (times) => sandbox.fail({ fault: "reset", times })],
  [
    "retryAfter",
    "retryAfter must be a whole number of seconds",
    (retryAfter) => sandbox.fail({ fault: "rate-limited", retryAfter }),
  ],
  ["operation", "operation must be one of ", (operation) => sandbox.fail({ fault: "reset", operation })],
  ["authorize()", "user must be an object", (given) => sandbox.authorize(given)],
  ["what a user does", "state must be one of AUTHORIZED, DEAUTHORIZED", (state) => sandbox.authorize(user, state)],
  ["how a check ends", "state must be one of AUTHENTICATE_", (state) => sandbox.authenticate("1", state)],
  ["failTransfer()", "detail must be an object", (given) => sandbox.failTransfer(given)],
  ["url", "url must be an http or https URL", (to) => sandbox.notify(to, event, answer)],
  ["event", "event must be an object", (given) => sandbox.notify(url, given, answer)],
  ["options of notify()", "the options of notify must be an object", (given) => sandbox.notify(url, event, given)],
  ["fetch", "fetch must be a function", (fetch) => sandbox.notify(url, event, { fetch })],
  ["a notification's fault", "fault must be one of bad-", (fault) => sandbox.notify(url, event, { ...answer, fault })],
];

/** Where a text is wanted, `"5"` is one. */
const texts: [name: string, call: Call][] = [
  ["openid", (openid) => sandbox.authorize({ ...user, openid })],
  ["sub_mchid", (sub_mchid) => sandbox.authorize({ ...user, sub_mchid })],
  ["token", (token) => sandbox.authorize({ ...user, token })],
  ["authenticate_number", (number) => sandbox.authenticate(number)],
  ["out_batch_no", (out_batch_no) => sandbox.failTransfer({ out_batch_no, out_detail_no: "1" })],
  ["out_detail_no", (out_detail_no) => sandbox.failTransfer({ out_batch_no: "1", out_detail_no })],
  ["fail_reason", (reason) => sandbox.failTransfer({ out_batch_no: "1", out_detail_no: "1" }, reason)],
  ["event_type", (event_type) => sandbox.notify(url, { ...event, event_type }, answer)],
  ["summary", (summary) => sandbox.notify(url, { ...event, summary }, answer)],
  ["original_type", (original_type) => sandbox.notify(url, { ...event, original_type }, answer)],
];

const NO_TEXT: unknown[] = ["", null, 5n, [5], ["5"], true, Number.NaN, {}, () => "5", Symbol("5")];

/** Whether it throws or rejects. */
async function refusal(call: Call, given: unknown): Promise<unknown> {
  try {
    return await call(given as never);
  } catch (error) {
    return error;
  }
}

describe.each(options)("%s", (_, wanted, call) => {
  test.each(["", null, "5", [5], true, -1, Number.NaN].map((given) => [given]))("is not %j", async (given) => {
    expect(await refusal(call, given)).toMatchObject({
      name: "TypeError",
      message: expect.stringMatching(new RegExp(`^${wanted.replace("(", "\\(")}.*; given: .+\\.$`)),
    });
  });
});

describe.each(texts)("%s", (name, call) => {
  test.each(NO_TEXT.map((given) => [given]))("is not %o", async (given) => {
    expect(await refusal(call, given)).toMatchObject({
      name: "TypeError",
      message: expect.stringContaining(`${name} must be a text that is not empty; given: `),
    });
  });
});

test.each(["", null, "true", 1, 0, [true]])("authorized and console are true or false, and not %j", async (given) => {
  const message = expect.stringContaining("must be true or false; given: ");
  expect(await refusal((authorized) => createSandbox({ authorized }), given)).toMatchObject({ message });
  expect(await refusal((console) => sandbox.listen({ console }), given)).toMatchObject({ message });
});

test.each(["", null, "text", 5, true, Number.NaN, { id: 5n }, new Map()])(
  "the resource of a notification is no %o: it is data that JSON can hold",
  async (resource) => {
    const message = expect.stringMatching(/^resource must be an object or a list that JSON can hold, or a function /);
    const notify = () => sandbox.notify(url, { ...event, resource: resource as object }, answer);
    expect(await refusal(notify, 0)).toMatchObject({ message });
  },
);

test.each(["", null, 5, true, ["127.0.0.1"], "0", "0x0", "00", "0.0", "127.1", " ", "127.0.0.1 ", "a b", "a/b", "a:1"])(
  "a host of %j never opens the sandbox, to every network or at all",
  async (host) => {
    const error = await refusal((given) => sandbox.listen({ host: given }), host);
    expect(error).toMatchObject({ name: "TypeError", message: expect.stringMatching(`^${HOST}; given: `) });
  },
);

test.each<[where: string, call: () => unknown, message: string]>([
  ["createSandbox", () => createSandbox({ maxEntries: 5 } as object), '"maxEntries" is not an option of createSandbox'],
  ["requestLog", () => createSandbox({ requestLog: { max: 5 } as object }), '"max" is not an option of requestLog'],
  ["listen", () => sandbox.listen({ hostname: "::1" } as object), '"hostname" is not an option of listen'],
  ["fail", () => sandbox.fail({ fault: "reset", count: 2 } as never), '"count" is not an option of fail'],
  ["notify", () => sandbox.notify(url, event, { faults: [] } as object), '"faults" is not an option of notify'],
])("%s refuses an option that it does not have", async (_, call, message) => {
  expect(await refusal(call, 0)).toMatchObject({ name: "TypeError", message: expect.stringContaining(message) });
});

test("what was refused changed nothing: the clock is a number and no fault was added", async () => {
  for (const ms of ["5", [5], true, null, "", undefined, 5n]) expect(() => sandbox.advance(ms as never)).toThrow("ms");
  expect(Math.abs(sandbox.clock() - Date.now())).toBeLessThan(60_000);
  expect((await sandbox.fetch(`${url}/v3/nowhere`)).status).toBe(404);
});

test("a message has no more than the beginning of a long text", () => {
  expect(() => sandbox.fail({ fault: "x".repeat(1000) as never })).toThrow(`given: "${"x".repeat(40)}…".`);
});

test("a user and a detail may have further fields, as the responses have that they come from", () => {
  sandbox.authorize({ ...user, mchid: "1900000109", expires_in: 1800 } as typeof user);
  sandbox.failTransfer({ out_batch_no: "1", out_detail_no: "1", detail_id: "2" } as never);
});

describe("the console's actions", () => {
  async function act(body: string): Promise<unknown> {
    const headers = { "Content-Type": "application/json" };
    return (await fetch(`${url}/console/actions`, { method: "POST", headers, body })).json();
  }

  const IN_CHINESE = expect.stringMatching(/\p{Script=Han}/u);

  test.each<[action: unknown, refused: string]>([
    ...["5", "", [5], true, null, -1, undefined].map((ms): [unknown, string] => [
      { action: "advance", ms },
      "ms must be a number of milliseconds",
    ]),
    ...["5", "", [5], true, null, 0].map((times): [unknown, string] => [
      { action: "fail", fault: "reset", times },
      "times must be a whole number above 0; given: ",
    ]),
    [{ action: "fail", fault: "reset", operation: "", times: 1 }, "operation must be one of "],
    [{ action: "fail", fault: null, times: 1 }, "fault must be one of "],
    [
      { action: "fail", fault: "rate-limited", times: 1, retryAfter: 1 },
      'The action fail has no field "retryAfter"; it takes fault, times, operation.',
    ],
    [{ action: "authorize", openid: 5, sub_mchid: "1", state: "AUTHORIZED" }, "openid must be a text"],
    [{ action: "authorize", ...user, token: null, state: "AUTHORIZED" }, "token must be a text"],
    [{ action: "authorize", ...user, state: null }, "state must be one of "],
    [{ action: "authenticate", number: [5], state: "AUTHENTICATE_SUCCESS" }, "number must be a text"],
    [{ action: "failTransfer", out_batch_no: "", out_detail_no: "1" }, "out_batch_no must be a text"],
    [{ action: "clear", what: "all" }, 'The action clear has no field "what"; it takes none.'],
    [{ action: "rotate", serial: "1" }, 'The action rotate has no field "serial"; it takes none.'],
    [{ action: ["clear"] }, "action must be one of authorize, "],
    [{ action: "toString" }, "action must be one of authorize, "],
    [{}, "action must be one of authorize, "],
    [null, "action must be one of authorize, "],
    ["clear", "action must be one of authorize, "],
    [[{ action: "clear" }], "action must be one of authorize, "],
  ])("%j is refused", async (action, refused) => {
    expect(await act(JSON.stringify(action))).toEqual({
      refused: { en: expect.stringContaining(refused), zh: IN_CHINESE },
    });
    expect(Math.abs(sandbox.clock() - Date.now())).toBeLessThan(60_000);
  });

  test.each(["", "{", "action=clear"])("%j is no action", async (body) => {
    expect(await act(body)).toEqual({
      refused: { en: expect.stringContaining("action must be one of authorize, "), zh: IN_CHINESE },
    });
  });
});
