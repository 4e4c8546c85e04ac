import { styleText } from "node:util";
import type { Language, Texts } from "./command.js";

type Stream = NodeJS.WriteStream;
type Format = Parameters<typeof styleText>[0];

/** A text in colour where the stream is a terminal that has them, and `NO_COLOR` does not forbid it. */
export function paint(stream: Stream, format: Format, text: string): string {
  return stream.isTTY && stream.hasColors() ? styleText(format, text) : text;
}

const SLOW = 1_000;

/** Waits, and says on stderr what for where it takes longer than a second. */
export async function withProgress<T>(what: Texts, language: Language, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => process.stderr.write(`${what[language]}…\n`), SLOW);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** What a server or a file wrote, without what a terminal obeys. */
export const visible = (text: string): string => text.replace(/[^\P{C}\n\t]/gu, "�");

/** Everything that stdin holds. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** How many columns a text takes: a Chinese character takes two. */
export const columns = (text: string): number =>
  Array.from(
    text,
    (character) =>
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
        ? 2
        : 1) as number,
  ).reduce((sum, each) => sum + each, 0);
