import type { SandboxCredentials } from "./types.js";

/** How a file of variables begins that the sandbox made, and may make anew. */
export const ENV_MARK = "# Written by wechatpay sandbox, which writes it anew at each start with --env.";

/** A file of variables. In double quotes, which Node.js, dotenv and shells read over several lines. */
export function environmentOf(
  { mchid, serialNo, privateKey, platformKeys, apiV3Key }: SandboxCredentials,
  url: string,
): string {
  const [id = ""] = Object.keys(platformKeys);
  return `${ENV_MARK}
WECHATPAY_MCHID=${mchid}
WECHATPAY_SERIAL_NO=${serialNo}
WECHATPAY_PRIVATE_KEY="${privateKey}"
WECHATPAY_PLATFORM_KEY_ID=${id}
WECHATPAY_PLATFORM_KEY="${Object.values(platformKeys).join("")}"
WECHATPAY_API_V3_KEY=${apiV3Key}
WECHATPAY_BASE_URL=${url}
`;
}
