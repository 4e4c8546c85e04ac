import type { Behaviours } from "../behaviours.js";
import type { Did } from "../server/deeds.js";
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
 * @param did is told what users did
 */
export function createPayrollCard(clock: () => number, authorized: boolean, did: Did) {
  const relations = new Relations(clock, authorized);
  const authentications = new Authentications(clock, relations);
  const transfers = new Transfers(clock, relations);
  const actions: PayrollCardActions = {
    authorize(user, state) {
      relations.authorize(user, state);
      did("authorize", { openid: user.openid, sub_mchid: user.sub_mchid, state: state ?? "AUTHORIZED" });
    },
    authenticate(number, wanted) {
      const state = authentications.authenticate(number, wanted);
      did("authenticate", { number, state });
      return state;
    },
    failTransfer(detail, fail_reason) {
      transfers.failTransfer(detail, fail_reason);
      did("failTransfer", { out_batch_no: detail.out_batch_no, out_detail_no: detail.out_detail_no, fail_reason });
    },
  };
  const behaviours: Behaviours = {
    ...relations.behaviours,
    ...authentications.behaviours,
    ...transfers.behaviours,
  };
  /** What there is, for those who look on: the newest of each. */
  function state(most: number) {
    const { tokens, ...rest } = authentications.state(most);
    const granting = relations.state(most);
    return { ...granting, ...rest, ...transfers.state(most), tokens: [...tokens, ...granting.tokens].slice(0, most) };
  }
  return { ...actions, behaviours, state };
}
