import { isText } from "../checks.js";
import { oneOf, type Rule, requireFit } from "../sandbox/checks.js";
import {
  createSandbox,
  type Fault,
  type OpenApiDocument,
  type PlatformKeyMode,
  type Sandbox,
} from "../sandbox/index.js";
import { LISTEN } from "../sandbox/server/listen.js";
import { PLATFORM_KEY_MODES } from "../sandbox/server/platform.js";
import type { Command, Values } from "./command.js";
import { requirePeers } from "./peers.js";

const en = `wechatpay sandbox [--port <number>] [--host <address>] [--platform-keys <which>] [--unauthorized] [--fail <fault>]... [--json] [--openapi <spec>]

  A WeChat Pay of your own, to try and test against: it checks signatures and parameters as the real
  server does, and signs its replies. Keys are fresh at every start; nothing is written to disk.
  Open it in a browser for its console: the requests, why one was refused, and buttons for users, time and faults.

  --port   default 8787; 0 takes one that is free
  --host   an IP address or a name of this machine; default 127.0.0.1, which no other machine reaches
  --platform-keys
           public-key, certificate, or gray: which keys WeChat Pay has for the merchant, and you are given; in gray it
           has both. Default both, but you are given the public key only
  --unauthorized
           no user has authorized a sub-merchant at the start; the console's buttons do it. Default: every user has
  --fail   <fault>[:<operationId>][*<times>]: makes the next requests fail, that many (default 1, or Infinity), of that
           operation (default any). Given several times, one after the other: --fail reset --fail 'hang*3'. Faults:
           system-error, rate-limited, bad-gateway, unsigned, bad-signature, signature-probe, unknown-serial,
           clock-skew, tampered-body, truncated-body, reset, refused, hang, slow-body, redirect
  --openapi
           a file of YAML or JSON: the operations of this description instead of the payroll card's. It may refer to other
           files. YAML and several files need @redocly/cli beside this package, one file of JSON needs nothing
  --json   print one line of JSON when it listens, { url, mchid, serialNo, privateKey, platformKeys, apiV3Key }, and nothing else
`;

const [isPort, wantedPort] = LISTEN.port;
/** What a flag takes, where it takes a text. */
const FLAGS = {
  port: [(value) => isText(/^\d{1,5}$/)(value) && isPort(Number(value)), wantedPort],
  host: LISTEN.host,
  "platform-keys": oneOf(PLATFORM_KEY_MODES),
} satisfies Record<string, Rule>;

export const command: Command = {
  help: { en, zh: en },
  options: {
    port: { type: "string", default: "8787" },
    host: { type: "string", default: "127.0.0.1" },
    "platform-keys": { type: "string" },
    unauthorized: { type: "boolean", default: false },
    fail: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
    openapi: { type: "string" },
  },
  run: serve,
};

async function serve(values: Values): Promise<void> {
  for (const [flag, rule] of Object.entries(FLAGS)) {
    const given = values[flag];
    if (given !== undefined) requireFit(`--${flag}`, rule, given);
  }

  const platformKeys = values["platform-keys"] as PlatformKeyMode | undefined;
  const { openapi } = values;
  const sandbox = await createSandbox({
    ...(typeof openapi === "string" && { openapi: await readDescription(openapi) }),
    ...(platformKeys !== undefined && { platformKeys }),
    authorized: !values.unauthorized,
    onRequest: ({ method, path, status, verdict, fault, signature }) => {
      if (values.json) return;
      // No query and no body: they may hold personal data.
      console.log(`${method} ${path.split("?", 1)[0]} → ${status} ${verdict}${fault ? ` (${fault})` : ""}`);
      if (signature) console.log(`  ${signature.cause.zh}\n  ${signature.cause.en}`);
    },
  });
  for (const fault of values.fail as string[]) addFault(sandbox, fault);
  const { url, close } = await sandbox.listen({
    port: Number(values.port),
    host: values.host as string,
    console: true,
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void close());

  const { credentials } = sandbox;
  if (values.json) return void console.log(JSON.stringify({ url, ...credentials }));
  console.log(`WeChat Pay sandbox at ${url}

console     ${url}/ (open it in a browser)
mchid       ${credentials.mchid}
serialNo    ${credentials.serialNo}
apiV3Key    ${credentials.apiV3Key}
privateKey
${credentials.privateKey}
${Object.entries(credentials.platformKeys)
  .map(([serial, pem]) => `platformKeys ${serial}\n${pem}`)
  .join("")}
Requests:`);
}

async function readDescription(file: string): Promise<OpenApiDocument> {
  const { needsRedocly, readSpec } = await import("../../scripts/read/index.js");
  if (await needsRedocly(file)) requirePeers("sandbox --openapi, of YAML or of several files,", "@redocly/cli");
  return readSpec<OpenApiDocument>(file);
}

const FAULT = /^([\w-]+)(?::([^*]+))?(?:\*(\d+|Infinity))?$/;

/** Has the sandbox do what a `--fail` says. Whether there is such a fault or operation is the sandbox's to say. */
function addFault(sandbox: Sandbox, given: string): void {
  requireFit("--fail", [isText(FAULT), "<fault>[:<operationId>][*<times>], such as reset or 'hang*3'"], given);
  const [, fault, operation, times] = FAULT.exec(given) ?? [];
  try {
    sandbox.fail({
      fault: fault as Fault,
      ...(operation !== undefined && { operation }),
      ...(times !== undefined && { times: Number(times) }),
    });
  } catch (error) {
    throw new TypeError(`--fail ${given}: ${(error as Error).message}`);
  }
}
