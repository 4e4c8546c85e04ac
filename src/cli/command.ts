import type { ParseArgsConfig } from "node:util";

/** What the terminal's reader reads. */
export type Language = "en" | "zh";

/** A text in both languages. Lines have at most 80 columns. */
export type Texts = Readonly<Record<Language, string>>;

/** The flags of a command, as `parseArgs` reads them. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** A command of `wechatpay`: one file of this folder each, which is loaded when it is asked for. */
export interface Command {
  /** What `wechatpay help <command>` prints. */
  readonly help: Texts;
  /** Its flags. `--help` is every command's. */
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** What stands beside flags: how many at least and at most. Default none. */
  readonly positionals?: readonly [least: number, most: number];
  /** Does it, and gives the exit code; default 0. What it throws is printed, and the exit code is 1. */
  run(values: Values, positionals: readonly string[], language: Language): Promise<number | undefined> | Promise<void>;
}

/** Chinese where the environment says so, as POSIX has it: the first of the three variables that is set decides. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Language {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || "") ? "zh" : "en";
}

/** A path as it is written in a command, in every shell. */
export function quoted(path: string): string {
  if (/^[\w./\\:@-]+$/.test(path)) return path;
  // Within double quotes, shells still do what these say.
  return /[$`"!]/.test(path) ? `'${path.replaceAll("'", "'\\''")}'` : `"${path}"`;
}
