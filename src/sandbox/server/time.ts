import { type Rule, requireFit } from "../checks.js";

export const DAY = 86_400_000;

/** Later years have five digits, and no place in RFC 3339. */
export const END_OF_TIME = Date.UTC(9999);

const isTime = (ms: unknown) => typeof ms === "number" && ms >= 0 && ms < END_OF_TIME;
const TIME: Rule = [isTime, "a function that gives ms since the epoch, before the year 9999"];

/** The sandbox's clock: another clock, set forward. All times are in ms since the epoch. */
export class Clock {
  readonly #source: () => number;
  #advanced = 0;

  /** @throws {TypeError} as does each of its methods, if `source` gives no time. */
  constructor(source: () => number = Date.now) {
    this.#source = () => {
      const time = source();
      requireFit("clock", TIME, time);
      return time;
    };
  }

  readonly now = (): number => this.#source() + this.#advanced;

  /** The other clock, which the sandbox's is set forward from. */
  readonly unadvanced = (): number => this.#source();

  /** @throws {TypeError} if `ms` is not a number, below 0, or leads beyond the year 9999. */
  readonly advance = (ms: number): void => {
    const wanted = "a number of milliseconds, 0 or more, that ends before the year 9999";
    const fits = (value: unknown) => typeof value === "number" && value >= 0 && isTime(this.now() + value);
    requireFit("ms", [fits, wanted, "不小于 0 的毫秒数，且不超出 9999 年"], ms);
    this.#advanced += ms;
  };

  /** The time by the clock that a request's sender follows: a client's own does not go forward with the sandbox's. */
  asSeenBy(timestamp: number): number {
    const [now, source] = [this.now(), this.#source()];
    return Math.abs(timestamp - source) < Math.abs(timestamp - now) ? source : now;
  }
}

/** RFC 3339, as WeChat Pay writes it. */
export function inBeijing(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+08:00");
}

/** `yyyy-MM-DD` in Beijing. */
export function dayOf(ms: number): string {
  return inBeijing(ms).slice(0, 10);
}

/** Whether the calendar has it: there is no 30 February. */
export function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
