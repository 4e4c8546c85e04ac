import type { components, operations, paths } from "../../generated/schema.js";
import { requireOneOf, requireText } from "./checks.js";
import { type OperationInput, parameterError } from "./document.js";
import { notFound, refused } from "./http.js";
import { randomHex } from "./keys.js";
import { DAY, dayOf, inBeijing } from "./resources.js";
import { createTransfers, type TransferActions } from "./transfers.js";

type Schemas = components["schemas"];

type Names<Path extends keyof paths> = Path extends unknown
  ? `${Uppercase<Extract<{ [M in keyof paths[Path]]-?: paths[Path][M] extends object ? M : never }[keyof paths[Path]], "get" | "post">>} ${Path}`
  : never;

/**
 * What operations answer, by method and path: the body of the good reply, or a promise of it. Not by operationId, which another
 * API's operation may have as well.
 */
export type Behaviours = { [Name in Names<keyof paths>]?: (input: OperationInput) => unknown };

/** A user of a sub-merchant's. */
export interface PayrollCardUser {
  openid: string;
  sub_mchid: string;
}

/** What the user of a payroll card does in the 微工卡 mini-program, and what becomes of a transfer. */
export interface PayrollCardActions extends TransferActions {
  /**
   * The user authorizes the sub-merchant (授权), or takes that back.
   *
   * @param user with `token`, the one of `createToken` is looked at, as the page `/pages/card/auth` would
   * @throws {Error} saying why the user could not: a token that is dead or somebody else's, or nothing to take back.
   */
  authorize(user: PayrollCardUser & { token?: string }, state?: "AUTHORIZED" | "DEAUTHORIZED"): void;
  /**
   * The user passes the face check of a pre-order (核身), or fails it; what came of it. A user who failed five times in a day fails
   * until the next. After `preOrderAuthenticationWithAuth` the user also authorizes.
   *
   * @throws {Error} saying why the user could not: an unknown number, a dead token, a check that is over, or no authorization.
   */
  authenticate(authenticate_number: string, state?: FinalState): FinalState;
}

type FinalState = "AUTHENTICATE_SUCCESS" | "AUTHENTICATE_FAILED";

/** Lives of tokens, in ms. */
const AUTHORIZATION_TOKEN_LIFE = 1_800_000;
const PRE_ORDER_TOKEN_LIFE = 300_000;

const PRE_ORDERS_A_DAY = 20;
const FAILURES_A_DAY = 5;
const DAYS_KEPT = 90;

interface Relation {
  authorizedAt?: number;
  deauthorizedAt?: number;
  employmentType?: string | undefined;
}

interface Authentication {
  entity: Schemas["AuthenticationEntity"];
  orderedAt: number;
  finishedAt?: number;
  /** Whether the user authorizes on the way; then as this. */
  withAuth?: { employmentType: string };
}

/**
 * The payroll-card family as one system: its operations, and what its users do.
 * Source of the rules: https://pay.weixin.qq.com/doc/v3/partner/4012156183
 */
export function createPayrollCard(
  mchid: string,
  clock: () => number,
  /** Whether every user has authorized every sub-merchant from the start. */
  authorized: boolean,
): PayrollCardActions & { behaviours: Behaviours } {
  const startedAt = clock();
  const relations = new Map<string, Relation>();
  const registeredAt = new Map<string, number>();
  const tokens = new Map<string, PayrollCardUser & { diesAt: number; employmentType: string | undefined }>();
  const authentications = new Map<string, Authentication>();
  /** How often a user has done something in a day. */
  const counts = new Map<string, number>();

  const keyOf = (...parts: string[]) => JSON.stringify(parts);
  const today = (what: "pre-order" | "failure", openid: string) => keyOf(what, openid, dayOf(clock()));
  const countToday = (...key: Parameters<typeof today>) => counts.get(today(...key)) ?? 0;
  const relationOf = ({ openid, sub_mchid }: PayrollCardUser): Relation =>
    relations.get(keyOf(openid, sub_mchid)) ?? (authorized ? { authorizedAt: startedAt } : {});
  const isAuthorized = (user: PayrollCardUser) => {
    const { authorizedAt, deauthorizedAt } = relationOf(user);
    return authorizedAt !== undefined && deauthorizedAt === undefined;
  };

  const registrationOf = (openid: string) => registeredAt.get(openid) ?? (authorized ? startedAt : undefined);

  function grant(user: PayrollCardUser, employmentType?: string): void {
    if (isAuthorized(user)) return;
    if (!registeredAt.has(user.openid)) registeredAt.set(user.openid, clock());
    relations.set(keyOf(user.openid, user.sub_mchid), { authorizedAt: clock(), employmentType });
  }

  function getRelation({ path, query }: OperationInput): Schemas["RelationEntity"] {
    requireAppId(query);
    const user = { openid: String(path.openid), sub_mchid: String(query.sub_mchid) };
    const { authorizedAt, deauthorizedAt } = relationOf(user);
    const registered = registrationOf(user.openid);
    return {
      openid: user.openid,
      mchid,
      sub_mchid: user.sub_mchid,
      authorize_state: isAuthorized(user) ? "AUTHORIZED" : authorizedAt === undefined ? "UNAUTHORIZED" : "DEAUTHORIZED",
      ...(authorizedAt !== undefined && { authorize_time: inBeijing(authorizedAt) }),
      ...(deauthorizedAt !== undefined && { deauthorize_time: inBeijing(deauthorizedAt) }),
      register_state: registered === undefined ? "UNREGISTERED" : "REGISTERED",
      ...(registered !== undefined && { register_time: inBeijing(registered) }),
    };
  }

  function createToken({ body }: OperationInput): Schemas["CreateTokenResponse"] {
    const { openid, sub_mchid, employment_type } = body as Schemas["CreateTokenRequest"];
    const token = randomHex(32);
    const diesAt = clock() + AUTHORIZATION_TOKEN_LIFE;
    tokens.set(token, { openid, sub_mchid, diesAt, employmentType: employment_type });
    return { openid, mchid, sub_mchid, token, expires_in: AUTHORIZATION_TOKEN_LIFE / 1000 };
  }

  function preOrder(
    body: Schemas["PreOrderAuthenticationRequest"],
    withAuth?: { employmentType: string },
  ): Schemas["PreOrderAuthenticationResponse"] {
    const { authenticate_number, openid, sub_mchid, project_name, employer_name, authenticate_type } = body;
    const user = { openid, sub_mchid };
    if (withAuth === undefined && !isAuthorized(user)) {
      throw refused(
        "用户未授权该特约商户 The user has not authorized this sub-merchant: createToken and the page auth come first.",
      );
    }
    const { employmentType } = relationOf(user);
    if (isAuthorized(user) && withAuth && employmentType && employmentType !== withAuth.employmentType) {
      throw refused(`用工类型与首次授权不一致 employment_type must be ${employmentType}, as when the user authorized.`);
    }
    if (authentications.has(authenticate_number)) {
      throw refused("商家核身单号重复 This authenticate_number was used before: every pre-order needs a new one.");
    }
    const ordered = countToday("pre-order", openid);
    if (ordered >= PRE_ORDERS_A_DAY) {
      throw refused(
        `单用户每日预下单超过${PRE_ORDERS_A_DAY}次 The user has had ${PRE_ORDERS_A_DAY} pre-orders today: wait until tomorrow.`,
      );
    }
    counts.set(today("pre-order", openid), ordered + 1);
    authentications.set(authenticate_number, {
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
      orderedAt: clock(),
      ...(withAuth && { withAuth }),
    });
    const expires_in = PRE_ORDER_TOKEN_LIFE / 1000;
    return { authenticate_number, openid, mchid, sub_mchid, token: randomHex(32), expires_in };
  }

  function getAuthentication({ path, query }: OperationInput): Schemas["AuthenticationEntity"] {
    const found = authentications.get(String(path.authenticate_number));
    if (found === undefined || found.entity.sub_mchid !== query.sub_mchid) {
      throw notFound("核身记录不存在 There is no such authentication.");
    }
    return { ...found.entity };
  }

  function listAuthentications({ query }: OperationInput): Schemas["ListAuthenticationsResponse"] {
    requireAppId(query);
    const {
      openid,
      sub_mchid,
      authenticate_date,
      offset = 0,
      limit = 10,
    } = query as operations["listAuthentications"]["parameters"]["query"];
    if (!isDay(authenticate_date)) throw parameterError("/authenticate_date", authenticate_date, "is no day", "query");
    if (authenticate_date < dayOf(clock() - DAYS_KEPT * DAY)) {
      const issue = `must be no more than ${DAYS_KEPT} days ago`;
      throw parameterError("/authenticate_date", authenticate_date, issue, "query");
    }
    const found = [...authentications.values()]
      .filter(({ entity }) => entity.openid === openid && entity.sub_mchid === sub_mchid)
      .filter(({ entity }) => entity.authenticate_state === "AUTHENTICATE_SUCCESS")
      .filter(({ finishedAt = 0 }) => dayOf(finishedAt) === authenticate_date)
      .sort((a, b) => (a.finishedAt as number) - (b.finishedAt as number))
      .map(({ entity }) => ({ ...entity }));
    const data = found.slice(offset, offset + limit);
    return { data, total_count: found.length, offset, limit: data.length };
  }

  const transfers = createTransfers(mchid, clock, (user) => {
    if (registrationOf(user.openid) === undefined) return "PAY_ROLL_CARD_USER_NOT_OPEN";
    return isAuthorized(user) ? undefined : "PAY_ROLL_CARD_UNAUTHORIZED";
  });

  return {
    failTransfer: transfers.failTransfer,
    behaviours: {
      "GET /v3/payroll-card/relations/{openid}": getRelation,
      "POST /v3/payroll-card/tokens": createToken,
      "POST /v3/payroll-card/authentications/pre-order": ({ body }) =>
        preOrder(body as Schemas["PreOrderAuthenticationRequest"]),
      "POST /v3/payroll-card/authentications/pre-order-with-auth": ({ body }) => {
        const request = body as Schemas["PreOrderAuthenticationWithAuthRequest"];
        return preOrder(request, { employmentType: request.employment_type });
      },
      "GET /v3/payroll-card/authentications/{authenticate_number}": getAuthentication,
      "GET /v3/payroll-card/authentications": listAuthentications,
      ...transfers.behaviours,
    },

    authorize({ openid, sub_mchid, token }, state = "AUTHORIZED") {
      const user = { openid, sub_mchid };
      requireOneOf("state", state, ["AUTHORIZED", "DEAUTHORIZED"]);
      for (const [name, value] of Object.entries(user)) requireText(name, value);
      if (state === "DEAUTHORIZED") {
        if (!isAuthorized(user))
          throw new Error(`${openid} has not authorized ${sub_mchid}, so there is nothing to take back.`);
        relations.set(keyOf(openid, sub_mchid), { ...relationOf(user), deauthorizedAt: clock() });
        return;
      }
      const issued = token === undefined ? undefined : tokens.get(token);
      if (token !== undefined && (issued?.openid !== openid || issued.sub_mchid !== sub_mchid)) {
        throw new Error(`The token is not one that createToken made for ${openid} and ${sub_mchid}.`);
      }
      if (issued !== undefined && issued.diesAt <= clock()) {
        throw new Error(`The token died after ${AUTHORIZATION_TOKEN_LIFE / 1000} s: get another one by createToken.`);
      }
      grant(user, issued?.employmentType);
    },

    authenticate(authenticate_number, state = "AUTHENTICATE_SUCCESS") {
      requireOneOf("state", state, ["AUTHENTICATE_SUCCESS", "AUTHENTICATE_FAILED"]);
      const found = authentications.get(authenticate_number);
      if (found === undefined)
        throw new Error(`There is no pre-order with the authenticate_number ${authenticate_number}.`);
      const { entity, orderedAt, withAuth } = found;
      if (found.finishedAt !== undefined) {
        throw new Error(
          `${authenticate_number} ended with ${entity.authenticate_state}: pre-order anew with another number.`,
        );
      }
      if (clock() >= orderedAt + PRE_ORDER_TOKEN_LIFE) {
        throw new Error(
          `The token of ${authenticate_number} died after ${PRE_ORDER_TOKEN_LIFE / 1000} s: pre-order anew with another number.`,
        );
      }
      if (withAuth) grant(entity, withAuth.employmentType);
      if (!isAuthorized(entity)) {
        throw new Error(`${entity.openid} has taken back the authorization of ${entity.sub_mchid}.`);
      }
      const failed = countToday("failure", entity.openid);
      const isBlocked = failed >= FAILURES_A_DAY;
      const outcome = isBlocked ? "AUTHENTICATE_FAILED" : state;
      found.finishedAt = clock();
      entity.authenticate_state = outcome;
      if (outcome === "AUTHENTICATE_SUCCESS") entity.authenticate_time = inBeijing(clock());
      else {
        counts.set(today("failure", entity.openid), failed + 1);
        entity.authenticate_failed_reason = isBlocked ? "当日人脸验证失败次数过多" : "人脸验证未通过";
      }
      return outcome;
    },
  };
}

/** Whether the calendar has it, such as no 30 February. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** OpenAPI cannot say this of query parameters. */
function requireAppId({ appid, sub_appid }: OperationInput["query"]): void {
  if (appid === undefined && sub_appid === undefined) {
    throw parameterError("/appid", undefined, "at least one of appid, sub_appid is required", "query");
  }
}
