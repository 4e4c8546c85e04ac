import type { components, operations } from "../../../generated/schema.js";
import { ActionError } from "../action-error.js";
import type { BehaviourInput, Behaviours } from "../behaviours.js";
import { checkFields, oneOf, requireFit, TEXT } from "../checks.js";
import { randomHex } from "../server/keys.js";
import { parameterError } from "../server/refusals.js";
import { inBeijing } from "../server/time.js";
import { newest } from "./newest.js";

type Schemas = components["schemas"];

/** A user of a sub-merchant. */
export interface PayrollCardUser {
  openid: string;
  sub_mchid: string;
}

interface Relation {
  authorizedAt?: number;
  deauthorizedAt?: number;
  employmentType?: string | undefined;
}

/** Life of a token of `createToken`, in ms. */
const TOKEN_LIFE = 1_800_000;

/** Which users have a card, and which sub-merchants they have authorized (授权关系). */
export class Relations {
  readonly #clock: () => number;
  /** When every user authorized every sub-merchant; absent where users start without authorization. */
  readonly #authorizedAt: number | undefined;
  readonly #relations = new Map<string, Relation>();
  readonly #registeredAt = new Map<string, number>();
  readonly #tokens = new Map<string, PayrollCardUser & { diesAt: number; employmentType: string | undefined }>();

  /** @param authorized whether every user has authorized every sub-merchant from the start */
  constructor(clock: () => number, authorized: boolean) {
    this.#clock = clock;
    this.#authorizedAt = authorized ? clock() : undefined;
  }

  readonly behaviours: Behaviours = {
    "GET /v3/payroll-card/relations/{openid}": (input) => this.#getRelation(input),
    "POST /v3/payroll-card/tokens": (input) => this.#createToken(input),
  };

  /** The newest, for those who look on. */
  state(most: number) {
    return {
      startsAuthorized: this.#authorizedAt !== undefined,
      relations: newest(this.#relations, most).map(([key, { authorizedAt = 0, deauthorizedAt }]) => {
        const [openid, sub_mchid] = JSON.parse(key) as [string, string];
        const state = deauthorizedAt === undefined ? ("AUTHORIZED" as const) : ("DEAUTHORIZED" as const);
        return { openid, sub_mchid, state, at: deauthorizedAt ?? authorizedAt };
      }),
      tokens: newest(this.#tokens, most)
        .filter(([, { diesAt }]) => diesAt > this.#clock())
        .map(([token, { openid, sub_mchid, diesAt: expiresAt }]) => {
          return { token, operationId: "createToken", openid, sub_mchid, expiresAt };
        }),
    };
  }

  isRegistered(openid: string): boolean {
    return this.#registrationOf(openid) !== undefined;
  }

  isAuthorized(user: PayrollCardUser): boolean {
    const { authorizedAt, deauthorizedAt } = this.#relationOf(user);
    return authorizedAt !== undefined && deauthorizedAt === undefined;
  }

  /** As given at the authorization; absent where none was given. */
  employmentTypeOf(user: PayrollCardUser): string | undefined {
    return this.#relationOf(user).employmentType;
  }

  /** Authorizes the sub-merchant, if it is not authorized yet; the user has a card from now on. */
  grant(user: PayrollCardUser, employmentType?: string): void {
    if (this.isAuthorized(user)) return;
    const now = this.#clock();
    if (!this.#registeredAt.has(user.openid)) this.#registeredAt.set(user.openid, now);
    this.#relations.set(keyOf(user), { authorizedAt: now, employmentType });
  }

  authorize(given: PayrollCardUser & { token?: string }, state: "AUTHORIZED" | "DEAUTHORIZED" = "AUTHORIZED"): void {
    checkFields("user", given, { openid: TEXT, sub_mchid: TEXT, token: TEXT }, ["openid", "sub_mchid"]);
    requireFit("state", oneOf(["AUTHORIZED", "DEAUTHORIZED"]), state);
    const { openid, sub_mchid, token } = given;
    const user = { openid, sub_mchid };
    if (state === "DEAUTHORIZED") this.#withdraw(user);
    else this.grant(user, token === undefined ? undefined : this.#employmentTypeOfToken(token, user));
  }

  #withdraw(user: PayrollCardUser): void {
    if (!this.isAuthorized(user)) {
      throw new ActionError(
        `${user.openid} 没有授权 ${user.sub_mchid}，无法取消授权。`,
        `${user.openid} has not authorized ${user.sub_mchid}, so there is nothing to take back.`,
      );
    }
    this.#relations.set(keyOf(user), { ...this.#relationOf(user), deauthorizedAt: this.#clock() });
  }

  #employmentTypeOfToken(token: string, { openid, sub_mchid }: PayrollCardUser): string | undefined {
    const issued = this.#tokens.get(token);
    if (issued?.openid !== openid || issued.sub_mchid !== sub_mchid) {
      throw new ActionError(
        `这个 token 不是 createToken 为 ${openid} 和 ${sub_mchid} 生成的。`,
        `The token is not one that createToken made for ${openid} and ${sub_mchid}.`,
      );
    }
    if (issued.diesAt <= this.#clock()) {
      throw new ActionError(
        `token 已过期（有效期 ${TOKEN_LIFE / 1000} 秒）：请用 createToken 重新获取。`,
        `The token died after ${TOKEN_LIFE / 1000} s: get another one by createToken.`,
      );
    }
    return issued.employmentType;
  }

  #getRelation({ params, mchid }: BehaviourInput<operations["getRelation"]>): Schemas["RelationEntity"] {
    requireAppId(params.query);
    const user = { openid: params.path.openid, sub_mchid: params.query.sub_mchid };
    const { authorizedAt, deauthorizedAt } = this.#relationOf(user);
    const registered = this.#registrationOf(user.openid);
    const state = authorizedAt === undefined ? "UNAUTHORIZED" : "DEAUTHORIZED";
    return {
      openid: user.openid,
      mchid,
      sub_mchid: user.sub_mchid,
      authorize_state: this.isAuthorized(user) ? "AUTHORIZED" : state,
      ...(authorizedAt !== undefined && { authorize_time: inBeijing(authorizedAt) }),
      ...(deauthorizedAt !== undefined && { deauthorize_time: inBeijing(deauthorizedAt) }),
      register_state: registered === undefined ? "UNREGISTERED" : "REGISTERED",
      ...(registered !== undefined && { register_time: inBeijing(registered) }),
    };
  }

  #createToken({ body, mchid }: BehaviourInput<operations["createToken"]>): Schemas["CreateTokenResponse"] {
    const { openid, sub_mchid, employment_type } = body;
    const token = randomHex(32);
    const diesAt = this.#clock() + TOKEN_LIFE;
    this.#tokens.set(token, { openid, sub_mchid, diesAt, employmentType: employment_type });
    return { openid, mchid, sub_mchid, token, expires_in: TOKEN_LIFE / 1000 };
  }

  #relationOf(user: PayrollCardUser): Relation {
    const fromStart = this.#authorizedAt === undefined ? {} : { authorizedAt: this.#authorizedAt };
    return this.#relations.get(keyOf(user)) ?? fromStart;
  }

  #registrationOf(openid: string): number | undefined {
    return this.#registeredAt.get(openid) ?? this.#authorizedAt;
  }
}

function keyOf({ openid, sub_mchid }: PayrollCardUser): string {
  return JSON.stringify([openid, sub_mchid]);
}

/** OpenAPI cannot say this of query parameters. */
export function requireAppId({ appid, sub_appid }: { appid?: string; sub_appid?: string }): void {
  if (appid === undefined && sub_appid === undefined) {
    const words = { zh: "和 sub_appid 至少要有一个", en: "is required, or sub_appid" };
    throw parameterError("/appid", undefined, "at least one of appid, sub_appid is required", "query", words);
  }
}
