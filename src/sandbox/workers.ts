/** Stands in the place of `./sandbox` on Cloudflare Workers. */
import type { SandboxKeys } from "./server/key-set.js";
import type { Sandbox } from "./types.js";

export { FAULTS } from "./server/faults.js";
export { apiError } from "./server/refusals.js";
export { inBeijing } from "./server/time.js";

/** Workers forbid `new Function`, by which ajv makes its checks; a stack in the middle of ajv would not say what to do. */
export const createSandbox: () => Promise<Sandbox> = elsewhere;
export const createSandboxKeys: () => Promise<SandboxKeys> = elsewhere;

async function elsewhere(): Promise<never> {
  throw new Error(
    'The sandbox does not run on Cloudflare Workers: they forbid the code generation that its checks need. Start it in Node.js, npx --no wechatpay sandbox --port 8787, and give the client the keys that it prints and baseUrl: "http://127.0.0.1:8787".',
  );
}
