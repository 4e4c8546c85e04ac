import { randomHex } from "../../server/keys.js";
import { dayOf, inBeijing } from "../../server/time.js";

/** Numbers in the form of WeChat Pay's own: what they begin with, the day in Beijing, and a count that ends them. */
export class Numbers {
  readonly #prefix: string;
  readonly #digits: number;
  #count = 0;

  /** @param digits of the count */
  constructor(prefix: string, digits: number) {
    this.#prefix = prefix;
    this.#digits = digits;
  }

  next(now: number): string {
    return `${this.#prefix}${dayOf(now).replaceAll("-", "")}${String(++this.#count).padStart(this.#digits, "0")}`;
  }
}

/** Such as `wx201410272009395522657a690389285100`. */
export function prepayId(now: number): string {
  return `wx${inBeijing(now).slice(0, 19).replace(/\D/g, "")}${randomHex(10)}`;
}
