#!/usr/bin/env node
import { parseArgs } from "node:util";
import { createSandbox, type Fault, type FaultOptions, type PlatformKeyMode } from "../sandbox/index.js";

const HELP = `wechatpay sandbox [--port <number>] [--host <address>] [--platform-keys <which>] [--unauthorized] [--fail <fault>]... [--json]

  A WeChat Pay of your own, to try and test against: it checks signatures and parameters as the real
  server does, and signs its replies. Keys are fresh at every start; nothing is written to disk.
  Open it in a browser for its console: the requests, why one was refused, and buttons for users, time and faults.

  --port   default 8787; 0 takes one that is free
  --host   default 127.0.0.1
  --platform-keys
           public-key, certificate, or gray: which keys WeChat Pay has for the merchant, and you are given; in gray it
           has both. Default both, but you are given the public key only
  --unauthorized
           no user has authorized a sub-merchant at the start; the console's buttons do it. Default: every user has
  --fail   <fault>[:<operationId>][*<times>]: makes the next requests fail, that many (default 1, or Infinity), of that
           operation (default any). Given several times, one after the other: --fail reset --fail 'hang*3'. Faults:
           system-error, rate-limited, bad-gateway, unsigned, bad-signature, signature-probe, unknown-serial,
           clock-skew, tampered-body, truncated-body, reset, refused, hang, slow-body, redirect
  --json   print one line of JSON when it listens, { url, mchid, serialNo, privateKey, platformKeys, apiV3Key }, and nothing else
`;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: "string", default: "8787" },
      host: { type: "string", default: "127.0.0.1" },
      "platform-keys": { type: "string" },
      unauthorized: { type: "boolean", default: false },
      fail: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  if (positionals.length !== 1 || positionals[0] !== "sandbox") {
    const given = positionals.length > 0 ? JSON.stringify(positionals.join(" ")) : "none";
    throw new TypeError(`There is one command, sandbox; given: ${given}. See wechatpay --help.`);
  }
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535) {
    throw new TypeError(`--port must be a number from 0 to 65535; given: ${JSON.stringify(values.port)}.`);
  }

  const platformKeys = values["platform-keys"] as PlatformKeyMode | undefined;
  const sandbox = await createSandbox({
    ...(platformKeys !== undefined && { platformKeys }),
    authorized: !values.unauthorized,
    onRequest: ({ method, path, status, verdict, fault, signature }) => {
      if (values.json) return;
      // No query and no body: they may hold personal data.
      console.log(`${method} ${path.split("?", 1)[0]} → ${status} ${verdict}${fault ? ` (${fault})` : ""}`);
      if (signature) console.log(`  ${signature.cause.zh}\n  ${signature.cause.en}`);
    },
  });
  for (const fault of values.fail) sandbox.fail(readFault(fault));
  const { url, close } = await sandbox.listen({ port: Number(values.port), host: values.host, console: true });
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

/** What `--fail` means; whether there is such a fault or operation is the sandbox's to say. */
function readFault(text: string): FaultOptions {
  const [, fault, operation, times] = /^([^:*]*)(?::([^*]+))?(?:\*(.+))?$/.exec(text) ?? [];
  if (fault === undefined) {
    throw new TypeError(`--fail must be <fault>[:<operationId>][*<times>]; given: ${JSON.stringify(text)}.`);
  }
  return {
    fault: fault as Fault,
    ...(operation !== undefined && { operation }),
    ...(times !== undefined && { times: Number(times) }),
  };
}

main(process.argv.slice(2)).catch((error: NodeJS.ErrnoException & { address?: string; port?: number }) => {
  console.error(`wechatpay: ${explain(error)}`);
  process.exitCode = 1;
});

function explain({
  code,
  message,
  address,
  port,
}: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  if (code === "EADDRINUSE") {
    return `${address}:${port} is taken by another program: choose another --port, or 0 for one that is free.`;
  }
  // Node goes on about positional arguments, over several lines.
  if (code?.startsWith("ERR_PARSE_ARGS")) return `${message.split(/\.\s/, 1)[0]}. See wechatpay --help.`;
  return message;
}
