/** Why a user, the clock or the network cannot do what is asked: `message` says it in English, `zh` in Chinese. */
export class ActionError extends Error {
  readonly #zh: string;

  constructor(zh: string, en: string) {
    super(en);
    this.#zh = zh;
  }

  // No property of its own: Node.js would print it with every error.
  get zh(): string {
    return this.#zh;
  }
}

/** The same of an argument. */
export class ArgumentError extends TypeError {
  readonly #zh: string | undefined;

  constructor(zh: string | undefined, en: string) {
    super(en);
    this.#zh = zh;
  }

  get zh(): string | undefined {
    return this.#zh;
  }
}

/** What an error says in Chinese; its message where it says nothing in Chinese. */
export function inChinese(error: Error): string {
  return (error instanceof ActionError || error instanceof ArgumentError ? error.zh : undefined) ?? error.message;
}
