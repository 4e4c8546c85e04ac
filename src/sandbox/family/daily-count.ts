import { dayOf } from "../server/time.js";
import { newest } from "./newest.js";

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

  /** The newest users first. */
  allToday(most: number): [openid: string, count: number][] {
    const today = dayOf(this.#clock());
    const all = newest(this.#counts, most).map(
      ([key, count]) => [...(JSON.parse(key) as [string, string]), count] as const,
    );
    return all.flatMap(([openid, day, count]): [string, number][] => (day === today ? [[openid, count]] : []));
  }

  add(openid: string): void {
    this.#counts.set(this.#key(openid), this.today(openid) + 1);
  }

  #key(openid: string): string {
    return JSON.stringify([openid, dayOf(this.#clock())]);
  }
}
