import { isText } from "../checks.js";
import { oneOf, type Rule, requireFit } from "../sandbox/checks.js";
import { ENV_MARK, environmentOf } from "../sandbox/env-text.js";
import {
  createSandbox,
  type Fault,
  type NotificationMode,
  type OpenApiDocument,
  type PlatformKeyMode,
  type Sandbox,
} from "../sandbox/index.js";
import { NOTIFICATION_MODES } from "../sandbox/server/deliveries.js";
import { LISTEN } from "../sandbox/server/listen.js";
import { PLATFORM_KEY_MODES } from "../sandbox/server/platform.js";
import type { Command, Language, Values } from "./command.js";
import { readIfThere, writeNew } from "./files.js";
import { openKeyFolder } from "./key-folder.js";
import { requirePeers } from "./peers.js";
import { describe, describeUnconnected } from "./received.js";
import { help, listOf, nextStep } from "./sandbox-words.js";

const [isPort, wantedPort] = LISTEN.port;
/** What a flag takes, where it takes a text. */
const FLAGS = {
  port: [(value) => isText(/^\d{1,5}$/)(value) && isPort(Number(value)), wantedPort],
  host: LISTEN.host,
  "platform-keys": oneOf(PLATFORM_KEY_MODES),
  notifications: oneOf(NOTIFICATION_MODES),
} satisfies Record<string, Rule>;

export const command: Command = {
  help,
  options: {
    keys: { type: "string" },
    env: { type: "string" },
    force: { type: "boolean", default: false },
    port: { type: "string", default: "8787" },
    host: { type: "string", default: "127.0.0.1" },
    "platform-keys": { type: "string" },
    unauthorized: { type: "boolean", default: false },
    notifications: { type: "string" },
    fail: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
    openapi: { type: "string" },
  },
  run: serve,
};

async function serve(values: Values, _: readonly string[], language: Language): Promise<void> {
  for (const [flag, rule] of Object.entries(FLAGS)) {
    const given = values[flag];
    if (given !== undefined) requireFit(`--${flag}`, rule, given);
  }
  const env = values.env as string | undefined;
  if (env !== undefined) await requireOwn(env, values.force === true);
  const folder = values.keys === undefined ? undefined : await openKeyFolder(values.keys as string);

  const platformKeys = values["platform-keys"] as PlatformKeyMode | undefined;
  const { openapi } = values;
  const sandbox = await createSandbox({
    ...(typeof openapi === "string" && { openapi: await readDescription(openapi) }),
    ...(platformKeys !== undefined && { platformKeys }),
    ...(folder && { keys: folder.keys }),
    authorized: !values.unauthorized,
    ...(values.notifications !== undefined && { notifications: values.notifications as NotificationMode }),
    onRequest: (request) => {
      const link = `${url}/#/requests/${sandbox.droppedRequests + sandbox.requests.length}`;
      if (!values.json) console.log(describe(request, language, link));
    },
    onUnconnected: (request) => {
      if (!values.json) console.log(describeUnconnected(request, language));
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
  if (env !== undefined) {
    await writeNew(env, environmentOf(credentials, url), 0o600, () => true).catch(async (error) => {
      await close();
      throw error;
    });
  }
  if (values.json) return void console.log(JSON.stringify({ url, ...credentials }));
  const kept = [...(folder?.files ?? []), ...(env === undefined ? [] : [env])];
  console.log(`${listOf(credentials, kept)}${nextStep(url, env, language)}`);
}

async function requireOwn(file: string, force: boolean): Promise<void> {
  const found = await readIfThere(file);
  if (found === undefined || force || found.startsWith(ENV_MARK)) return;
  throw new TypeError(
    `--env ${file} was not written by wechatpay sandbox. Give another name, or --force to lose what it holds.`,
  );
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
