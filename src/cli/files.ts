import { chmod, readFile, writeFile } from "node:fs/promises";
import { readStdin } from "./terminal.js";

type Failure = NodeJS.ErrnoException;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not",
  EPERM: "you may not",
  ENOTDIR: "a part of the path is no folder",
};
/** Why a file cannot be read or written. Node.js repeats the path at the end, and what was given as one may be a secret. */
export const whyNot = ({ code = "", message }: Failure): string => WHY[code] ?? (message.split(", ", 1)[0] as string);

/** A file's text, without the byte order mark that editors on Windows begin it with; `undefined` where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    if ((error as Failure).code === "ENOENT") return undefined;
    throw new TypeError(`${path} cannot be read: ${whyNot(error as Failure)}.`);
  }
}

/** The text of a file, or of stdin for `-`, as the flag says. */
export async function readText(flag: string, path: string): Promise<string> {
  if (path === "-") return readStdin();
  const text = await readIfThere(path);
  if (text === undefined) throw new TypeError(`${flag}: there is no file ${JSON.stringify(path)}.`);
  return text;
}

/** What the writing of a file came to. */
export type Written = "written" | "unchanged";

/**
 * Writes a file, and never over another text, unless `isOurs` says so of what is there.
 * @param mode of a file that is new; one that holds secrets is for its owner alone: 0o600
 * @throws {TypeError} naming it, where there is another.
 */
export async function writeNew(
  path: string,
  text: string,
  mode: number,
  isOurs: (found: string) => boolean = () => false,
): Promise<Written> {
  const found = await readIfThere(path);
  if (found === text) return "unchanged";
  if (found !== undefined && !isOurs(found)) {
    throw new TypeError(
      `${path} is there already, and holds something else. Move it away, give another place, or say --force to lose it.`,
    );
  }
  try {
    // Who follows a link, or creates it meanwhile, must not be written over either.
    await writeFile(path, text, { mode, flag: found === undefined ? "wx" : "w" });
    if (found !== undefined) await chmod(path, mode);
  } catch (error) {
    throw new TypeError(`${path} cannot be written: ${whyNot(error as Failure)}.`);
  }
  return "written";
}
