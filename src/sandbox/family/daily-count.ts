import { dayOf } from "../server/time.js";

/** How often each user has done something today, in Beijing. */
export class DailyCount {
  readonly #clock: () => number;
  readonly #counts = new Map<string, number>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  today(openid: string): number {
    return this.#counts.get(this.#key(openid)) ?? 0;
  }

  add(openid: string): void {
    this.#counts.set(this.#key(openid), this.today(openid) + 1);
  }

  #key(openid: string): string {
    return JSON.stringify([openid, dayOf(this.#clock())]);
  }
}
