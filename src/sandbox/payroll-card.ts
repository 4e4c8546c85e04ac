import type { OperationInput } from "./document.js";

/** What an operation answers: the body of its good reply, or a promise of it. */
export type Behaviour = (input: OperationInput, context: { mchid: string; token: () => string }) => unknown;

/** How the payroll-card family behaves, by operationId; every other operation answers its spec example. */
export const payrollCard: ReadonlyMap<string, Behaviour> = new Map([
  [
    "preOrderAuthentication",
    ({ body }, { mchid, token }) => {
      const { authenticate_number, openid, sub_mchid } = body as Record<string, string>;
      return { authenticate_number, openid, mchid, sub_mchid, token: token(), expires_in: 300 };
    },
  ],
]);
