import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  type Attempt,
  createNotificationReceiver,
  createWeChatPayClient,
  unwrap,
  type WeChatPayClient,
} from "wechatpay-openapi-fetch";
import { createSandbox, FAULTS } from "wechatpay-openapi-fetch/sandbox";
import { type FamilyPaths, family, familyOperations } from "./support/family.js";
import { generateKeys } from "./support/keys.js";
import { holdTimers } from "./support/timers.js";

/** Over as soon as a request hangs. */
const LIMIT = 12_345;
const NAME = "不可泄露的姓名";

/** Everything that a log could take from a value: enumerable or not, causes, stacks, JSON. */
function printed(value: unknown): string {
  const error = value as { cause?: unknown; stack?: string };
  return [
    inspect(value, { depth: 12, showHidden: true, getters: true }),
    JSON.stringify(value),
    String(value),
    error?.stack,
    error?.cause ? printed(error.cause) : "",
  ].join("\n");
}

test("nothing that errors, events and inspected objects print is secret", async () => {
  const timers = holdTimers((ms) => ms === LIMIT);
  const sandbox = await createSandbox({
    openapi: family,
    onRequest({ fault }) {
      if (fault === "hang" || fault === "slow-body") setImmediate(timers.elapse);
    },
  });
  const { credentials } = sandbox;
  const outputs: unknown[] = [];
  const authorizations: string[] = [];
  const fetch = async (request: Request) => {
    authorizations.push(request.headers.get("Authorization") ?? "");
    return sandbox.fetch(request);
  };
  const common = {
    ...credentials,
    operations: familyOperations,
    fetch,
    timeout: LIMIT,
    retry: { baseDelay: 1 },
    onAttempt: (attempt: Attempt) => outputs.push(attempt),
  };
  const create = (more: object = {}) => createWeChatPayClient<FamilyPaths, object>({ ...common, ...more });
  const keep = async (run: () => unknown) => {
    try {
      await run();
    } catch (error) {
      outputs.push(error);
    }
  };
  const calls = (client: WeChatPayClient<FamilyPaths, object>) => [
    async () => unwrap(await client.GET("/v3/transfers/{out_batch_no}", { params: { path: { out_batch_no: "1" } } })),
    async () =>
      unwrap(await client.POST("/v3/transfers", { body: { out_batch_no: "1", list: [{ user_name: NAME }] } })),
    async () => unwrap(await client.POST("/v3/tokens", { body: { openid: "o", user_name: NAME } })),
  ];

  const client = create();
  outputs.push(client);
  for (const fault of FAULTS) {
    for (const call of calls(client)) {
      const stop = sandbox.fail({ fault, times: Number.POSITIVE_INFINITY, retryAfter: 0 });
      await keep(call);
      stop();
    }
  }
  // Wrong keys, a wrong clock, fields that cannot be encrypted, another merchant's certificates.
  const other = generateKeys();
  for (const more of [
    { privateKey: other.privateKey },
    { clock: () => 0 },
    { platformKeys: { PUB_KEY_ID_1: other.publicKey } },
    { platformKeys: undefined, apiV3Key: "x".repeat(32) },
  ]) {
    for (const call of calls(create(more))) await keep(call);
  }
  await keep(() => client.POST("/v3/tokens", { body: { openid: "o", user_name: NAME.repeat(40) } }));
  await keep(() => client.POST("/v3/tokens", { body: { openid: "o", user_name: [NAME] } }));
  // Every secret in every option.
  const secrets = [credentials.privateKey, credentials.privateKey.replaceAll("\n", "\\n"), credentials.apiV3Key];
  for (const option of [
    "mchid",
    "serialNo",
    "privateKey",
    "platformKeys",
    "apiV3Key",
    "baseUrl",
    "backupUrl",
    "fetch",
    "transport",
    "timeout",
    "retry",
    "userAgent",
    "onAttempt",
    "signer",
    "decrypter",
    "clock",
    "nonce",
    "operations",
  ]) {
    for (const secret of secrets) {
      for (const value of [
        secret,
        { PUB_KEY_ID_1: secret },
        ...(secret.includes("BEGIN") ? [{ [secret]: secret }] : []),
      ])
        await keep(() => create({ [option]: value, ...(option === "signer" && { privateKey: undefined }) }));
    }
  }
  const receive = createNotificationReceiver({
    platformKeys: credentials.platformKeys,
    apiV3Key: credentials.apiV3Key,
  });
  outputs.push(receive);
  for (const fault of [undefined, "bad-signature", "tampered-body", "clock-skew"] as const) {
    await keep(() =>
      sandbox.notify(
        "https://merchant.example",
        { event_type: "TRANSACTION.SUCCESS", resource: { name: NAME } },
        {
          ...(fault && { fault }),
          fetch: async (request: Request) => {
            await keep(() =>
              createNotificationReceiver({ platformKeys: credentials.platformKeys, apiV3Key: "x".repeat(32) })(
                request.clone(),
              ),
            );
            if (fault) await keep(() => receive(request));
            return new Response(null, { status: 204 });
          },
        },
      ),
    );
  }

  expect(outputs.length).toBeGreaterThan(150);
  const text = outputs.map(printed).join("\n");
  const needles = {
    "private key": credentials.privateKey.split("\n").filter((line) => line.length > 40),
    "another private key": other.privateKey.split("\n").filter((line) => line.length > 40),
    "APIv3 key": [credentials.apiV3Key],
    "sensitive field": [NAME],
    Authorization: authorizations.flatMap((header) => /signature="([^"]+)"/.exec(header)?.[1] ?? []),
  };
  for (const [what, values] of Object.entries(needles)) {
    expect(values.length, what).toBeGreaterThan(0);
    for (const value of values) expect(text.includes(value), `${what} was printed`).toBe(false);
  }
});
