/** Why a user, the clock or the network cannot do what is asked: `message` says it in English, `zh` in Chinese. */
export class ActionError extends Error {
  readonly zh: string;

  constructor(zh: string, en: string) {
    super(en);
    this.zh = zh;
  }
}

/** What an error says in Chinese; its `message` where it says nothing in Chinese. */
export function inChinese(error: Error & { zh?: unknown }): string {
  return typeof error.zh === "string" ? error.zh : error.message;
}
