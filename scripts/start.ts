/**
 * The main job: a pre-order (微工卡核身预下单), signed, sent, verified, and what the mini program does next.
 *
 *   npm start                            the documented example, on an embedded sandbox
 *   npm start -- --body order.json       another body
 *   npm start -- --live                  the real server, with credentials from the environment
 *   npm start -- --help
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import spec from "../generated/openapi.json" with { type: "json" };
import {
  ApiError,
  createWeChatPayClient,
  payrollCardLaunch,
  unwrap,
  type WeChatPayClientOptions,
} from "../src/index.js";
import { createSandbox } from "../src/sandbox/index.js";

const HELP = `npm start [-- --body <file>] [-- --live]

  A pre-order (微工卡核身预下单): signed, sent, verified, and the path that opens
  the mini program's page.

  --body   a file with the JSON to send; default the documented example
  --live   the real server, with credentials from the environment:
           WECHATPAY_MCHID, WECHATPAY_SERIAL_NO, WECHATPAY_PRIVATE_KEY,
           WECHATPAY_PLATFORM_KEY_ID, WECHATPAY_PLATFORM_KEY; with
           WECHATPAY_BASE_URL another server, such as a sandbox. Default the
           embedded sandbox, which needs none
`;

const NEXT = `
Next
  npm run sandbox -- --keys keys --env .env
                         a sandbox over HTTP, with a console for a browser
  npm start -- --live    the real server, with your own keys
`;

const PATH = "/v3/payroll-card/authentications/pre-order";

main().catch((error: unknown) => {
  if (error instanceof ApiError) {
    console.error(`${error.status} ${error.code} ${error.message}\n${JSON.stringify(error.detail, null, 2) ?? ""}`);
  } else {
    console.error(error instanceof Error ? error.message : error);
  }
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      body: { type: "string" },
      live: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  // Without the two dashes npm takes the option itself, and this would run on the sandbox instead of the real server.
  if (process.env.npm_config_live || process.env.npm_config_body)
    throw new TypeError("Write it after two dashes: npm start -- --live");
  const body = values.body === undefined ? documentedExample() : await readJson(values.body);
  const options = values.live ? credentialsFromEnvironment() : await embeddedSandbox();
  const wechatpay = createWeChatPayClient(options);

  console.log(`POST ${PATH} (${values.live ? (options.baseUrl ?? "real server") : "embedded sandbox"})`);
  const result = await wechatpay.POST(PATH, { body });
  const preOrder = unwrap(result);

  console.log(`  ✓ signed with the merchant's key, serial ${options.serialNo}`);
  console.log(`  ✓ ${result.response.status}, verified with ${result.response.headers.get("Wechatpay-Serial")}\n`);
  for (const [name, value] of Object.entries(preOrder)) {
    console.log(`  ${name.padEnd(20)} ${value}${name === "expires_in" ? " s" : ""}`);
  }
  const { appId, path } = payrollCardLaunch("authenticate", { ...body, ...preOrder });
  console.log(`\nwx.navigateToMiniProgram\n\n  appId  ${appId}\n  path   ${path}`);
  if (!values.live) console.log(NEXT);
}

async function readJson(file: string) {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new TypeError(
      `${file} cannot be read: ${error.code === "ENOENT" ? "there is no such file" : error.message}.`,
    );
  });
  try {
    // Editors on Windows begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new TypeError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

function documentedExample() {
  return spec.components.examples["preOrderAuthentication.signIn.request"].value;
}

async function embeddedSandbox(): Promise<WeChatPayClientOptions> {
  const sandbox = await createSandbox();
  return { ...sandbox.credentials, fetch: sandbox.fetch };
}

function credentialsFromEnvironment(): WeChatPayClientOptions {
  const needed = {
    WECHATPAY_MCHID: "商户号, the service provider's merchant number",
    WECHATPAY_SERIAL_NO: "商户API证书序列号, the serial of the merchant API certificate",
    WECHATPAY_PRIVATE_KEY: "商户API私钥, the text of apiclient_key.pem",
    WECHATPAY_PLATFORM_KEY_ID: "微信支付公钥ID, PUB_KEY_ID_…",
    WECHATPAY_PLATFORM_KEY: "微信支付公钥, the text of pub_key.pem",
  };
  const missing = Object.entries(needed).filter(([name]) => !process.env[name]);
  if (missing.length > 0) {
    throw new TypeError(
      `--live needs credentials in the environment, and these are missing:\n${missing.map(([name, what]) => `  ${name.padEnd(26)} ${what}`).join("\n")}`,
    );
  }
  const {
    WECHATPAY_MCHID,
    WECHATPAY_SERIAL_NO,
    WECHATPAY_PRIVATE_KEY,
    WECHATPAY_PLATFORM_KEY_ID,
    WECHATPAY_PLATFORM_KEY,
    WECHATPAY_BASE_URL,
  } = process.env as Record<keyof typeof needed, string> & { WECHATPAY_BASE_URL?: string };
  return {
    mchid: WECHATPAY_MCHID,
    serialNo: WECHATPAY_SERIAL_NO,
    privateKey: WECHATPAY_PRIVATE_KEY,
    platformKeys: { [WECHATPAY_PLATFORM_KEY_ID]: WECHATPAY_PLATFORM_KEY },
    ...(WECHATPAY_BASE_URL && { baseUrl: WECHATPAY_BASE_URL }),
  };
}
