import type { Behaviours } from "../behaviours.js";
import { Authentications, type FinalState } from "./authentications.js";
import { type PayrollCardUser, Relations } from "./relations.js";
import { type TransferActions, Transfers } from "./transfers.js";

/** What the user of a payroll card does in the 微工卡 mini program, and how a transfer ends. */
export interface PayrollCardActions extends TransferActions {
  /**
   * The user authorizes the sub-merchant (授权), or takes that back.
   *
   * @param user with `token`, which has to be one of `createToken`, as the page `/pages/card/auth` demands
   * @throws {Error} saying why the user could not: a token that is dead or somebody else's, or nothing to take back.
   */
  authorize(user: PayrollCardUser & { token?: string }, state?: "AUTHORIZED" | "DEAUTHORIZED"): void;
  /**
   * The user passes the face check of a pre-order (核身), or fails it; returns how it ended. A user who failed five times in a day
   * fails until the next. After `preOrderAuthenticationWithAuth` the user also authorizes.
   *
   * @throws {Error} saying why the user could not: an unknown number, a dead token, a check that is over, or no authorization.
   */
  authenticate(authenticate_number: string, state?: FinalState): FinalState;
}

/**
 * The payroll-card family as one system: its operations, and what its users do.
 * Source of the rules: https://pay.weixin.qq.com/doc/v3/partner/4012156183
 *
 * @param authorized whether every user has authorized every sub-merchant from the start
 */
export function createPayrollCard(
  clock: () => number,
  authorized: boolean,
): PayrollCardActions & { behaviours: Behaviours } {
  const relations = new Relations(clock, authorized);
  const authentications = new Authentications(clock, relations);
  const transfers = new Transfers(clock, relations);
  return {
    behaviours: { ...relations.behaviours, ...authentications.behaviours, ...transfers.behaviours },
    authorize: (user, state) => relations.authorize(user, state),
    authenticate: (number, state) => authentications.authenticate(number, state),
    failTransfer: (detail, reason) => transfers.failTransfer(detail, reason),
  };
}
