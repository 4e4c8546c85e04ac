import type { components, operations } from "../../../generated/schema.js";
import { ActionError } from "../action-error.js";
import type { BehaviourInput, Behaviours } from "../behaviours.js";
import { oneOf, requireFit, TEXT } from "../checks.js";
import { randomHex } from "../server/keys.js";
import { notFound, parameterError, ruleBroken } from "../server/refusals.js";
import { DAY, dayOf, inBeijing, isDay } from "../server/time.js";
import { DailyCount } from "./daily-count.js";
import { newest } from "./newest.js";
import { type PayrollCardUser, type Relations, requireAppId } from "./relations.js";

type Schemas = components["schemas"];

/** How a face check ends. */
export type FinalState = "AUTHENTICATE_SUCCESS" | "AUTHENTICATE_FAILED";

interface Authentication {
  entity: Schemas["AuthenticationEntity"];
  orderedAt: number;
  finishedAt?: number;
  token: string;
  /** Set where the user also authorizes on the way. */
  withAuth?: WithAuth;
}

interface WithAuth {
  employmentType: string;
}

/** Life of a pre-order's token, in ms. */
const TOKEN_LIFE = 300_000;

const PRE_ORDERS_A_DAY = 20;
const FAILURES_A_DAY = 5;
const DAYS_KEPT = 90;

/** Pre-orders (核身预下单) and the face checks that come of them. */
export class Authentications {
  readonly #clock: () => number;
  readonly #relations: Relations;
  /** By authenticate_number. */
  readonly #authentications = new Map<string, Authentication>();
  readonly #preOrders: DailyCount;
  readonly #failures: DailyCount;

  constructor(clock: () => number, relations: Relations) {
    this.#clock = clock;
    this.#relations = relations;
    this.#preOrders = new DailyCount(clock);
    this.#failures = new DailyCount(clock);
  }

  readonly behaviours: Behaviours = {
    "POST /v3/payroll-card/authentications/pre-order": (input) => this.#preOrder(input),
    "POST /v3/payroll-card/authentications/pre-order-with-auth": (input) =>
      this.#preOrder(input, { employmentType: input.body.employment_type }),
    "GET /v3/payroll-card/authentications/{authenticate_number}": (input) => this.#getAuthentication(input),
    "GET /v3/payroll-card/authentications": (input) => this.#listAuthentications(input),
  };

  /** The newest, for those who look on. */
  state(most: number) {
    const all = newest(this.#authentications, most).map(([number, each]) => {
      const { openid, sub_mchid, authenticate_state: state } = each.entity;
      return { ...each, shown: { number, openid, sub_mchid, state, expiresAt: each.orderedAt + TOKEN_LIFE } };
    });
    const waiting = all.filter(({ finishedAt, shown }) => finishedAt === undefined && shown.expiresAt > this.#clock());
    return {
      authentications: all.map(({ shown }) => shown),
      tokens: waiting.map(({ token, withAuth, shown: { state, ...user } }) => {
        const operationId = withAuth ? "preOrderAuthenticationWithAuth" : "preOrderAuthentication";
        return { token, operationId, ...user };
      }),
      preOrders: this.#preOrders.allToday(most).map(([openid, used]) => ({ openid, used, limit: PRE_ORDERS_A_DAY })),
    };
  }

  authenticate(authenticate_number: string, state: FinalState = "AUTHENTICATE_SUCCESS"): FinalState {
    requireFit("authenticate_number", TEXT, authenticate_number);
    requireFit("state", oneOf(["AUTHENTICATE_SUCCESS", "AUTHENTICATE_FAILED"]), state);
    const found = this.#openAuthentication(authenticate_number);
    const { entity, withAuth } = found;
    if (withAuth) this.#relations.grant(entity, withAuth.employmentType);
    if (!this.#relations.isAuthorized(entity)) {
      const { openid, sub_mchid } = entity;
      throw new ActionError(
        `${openid} 已取消对 ${sub_mchid} 的授权。`,
        `${openid} has taken back the authorization of ${sub_mchid}.`,
      );
    }
    const isBlocked = this.#failures.today(entity.openid) >= FAILURES_A_DAY;
    const outcome = isBlocked ? "AUTHENTICATE_FAILED" : state;
    found.finishedAt = this.#clock();
    entity.authenticate_state = outcome;
    if (outcome === "AUTHENTICATE_SUCCESS") entity.authenticate_time = inBeijing(found.finishedAt);
    else {
      this.#failures.add(entity.openid);
      entity.authenticate_failed_reason = isBlocked ? "当日人脸验证失败次数过多" : "人脸验证未通过";
    }
    return outcome;
  }

  /** A pre-order that the user can still complete. */
  #openAuthentication(authenticate_number: string): Authentication {
    const found = this.#authentications.get(authenticate_number);
    if (found === undefined) {
      throw new ActionError(
        `没有核身单号为 ${authenticate_number} 的预下单。`,
        `There is no pre-order with the authenticate_number ${authenticate_number}.`,
      );
    }
    const refuse = (zh: string, en: string) =>
      new ActionError(`${zh}：请换一个核身单号重新预下单。`, `${en}: pre-order anew with another number.`);
    if (found.finishedAt !== undefined) {
      const { authenticate_state } = found.entity;
      throw refuse(
        `${authenticate_number} 已结束，状态为 ${authenticate_state}`,
        `${authenticate_number} ended with ${authenticate_state}`,
      );
    }
    if (this.#clock() >= found.orderedAt + TOKEN_LIFE) {
      throw refuse(
        `${authenticate_number} 的 token 已过期（有效期 ${TOKEN_LIFE / 1000} 秒）`,
        `The token of ${authenticate_number} died after ${TOKEN_LIFE / 1000} s`,
      );
    }
    return found;
  }

  #preOrder(
    { body, mchid }: Pick<BehaviourInput<operations["preOrderAuthentication"]>, "body" | "mchid">,
    withAuth?: WithAuth,
  ): Schemas["PreOrderAuthenticationResponse"] {
    const { authenticate_number, openid, sub_mchid, project_name, employer_name, authenticate_type } = body;
    this.#requireAuthorization({ openid, sub_mchid }, withAuth);
    if (this.#authentications.has(authenticate_number)) {
      throw ruleBroken(
        "商家核身单号重复",
        "This authenticate_number was used before: every pre-order needs a new one.",
        "：每次预下单都要用新的单号",
      );
    }
    if (this.#preOrders.today(openid) >= PRE_ORDERS_A_DAY) {
      throw ruleBroken(
        `单用户每日预下单超过${PRE_ORDERS_A_DAY}次`,
        `The user has had ${PRE_ORDERS_A_DAY} pre-orders today: wait until tomorrow.`,
        "，请等到明天",
      );
    }
    this.#preOrders.add(openid);
    const token = randomHex(32);
    this.#authentications.set(authenticate_number, {
      entity: {
        mchid,
        sub_mchid,
        openid,
        authenticate_scene: "FROM_MINI_APP",
        authenticate_source: body.sub_appid ?? body.appid ?? "",
        project_name,
        employer_name,
        authenticate_state: "AUTHENTICATE_PROCESSING",
        authenticate_number,
        ...(authenticate_type && { authenticate_type }),
      },
      orderedAt: this.#clock(),
      token,
      ...(withAuth && { withAuth }),
    });
    const expires_in = TOKEN_LIFE / 1000;
    return { authenticate_number, openid, mchid, sub_mchid, token, expires_in };
  }

  #requireAuthorization(user: PayrollCardUser, withAuth: WithAuth | undefined): void {
    const isAuthorized = this.#relations.isAuthorized(user);
    if (withAuth === undefined) {
      if (isAuthorized) return;
      throw ruleBroken(
        "用户未授权该特约商户",
        "The user has not authorized this sub-merchant: createToken and the page auth come first.",
        "：应先调用 createToken 并由用户在 auth 页面授权",
      );
    }
    const employmentType = this.#relations.employmentTypeOf(user);
    if (isAuthorized && employmentType && employmentType !== withAuth.employmentType) {
      throw ruleBroken(
        "用工类型与首次授权不一致",
        `employment_type must be ${employmentType}, as when the user authorized.`,
        `：employment_type 应为 ${employmentType}`,
      );
    }
  }

  #getAuthentication({ params }: BehaviourInput<operations["getAuthentication"]>): Schemas["AuthenticationEntity"] {
    const found = this.#authentications.get(params.path.authenticate_number);
    if (found === undefined || found.entity.sub_mchid !== params.query.sub_mchid) {
      const { authenticate_number } = params.path;
      throw notFound({ authenticate_number }, "核身记录不存在", "There is no such authentication.");
    }
    return { ...found.entity };
  }

  #listAuthentications({
    params,
  }: BehaviourInput<operations["listAuthentications"]>): Schemas["ListAuthenticationsResponse"] {
    requireAppId(params.query);
    const { openid, sub_mchid, authenticate_date, offset = 0, limit = 10 } = params.query;
    this.#requireDayKept(authenticate_date);
    const found = [...this.#authentications.values()]
      .filter(({ entity }) => entity.openid === openid && entity.sub_mchid === sub_mchid)
      .filter(({ entity }) => entity.authenticate_state === "AUTHENTICATE_SUCCESS")
      .filter(({ finishedAt = 0 }) => dayOf(finishedAt) === authenticate_date)
      .sort((a, b) => (a.finishedAt as number) - (b.finishedAt as number))
      .map(({ entity }) => ({ ...entity }));
    const data = found.slice(offset, offset + limit);
    return { data, total_count: found.length, offset, limit: data.length };
  }

  #requireDayKept(day: string): void {
    const refuse = (zh: string, issue: string) => parameterError("/authenticate_date", day, issue, "query", { zh });
    if (!isDay(day)) throw refuse("不是日期", "is no day");
    if (day < dayOf(this.#clock() - DAYS_KEPT * DAY)) {
      throw refuse(`不能早于 ${DAYS_KEPT} 天前`, `must be no more than ${DAYS_KEPT} days ago`);
    }
  }
}
