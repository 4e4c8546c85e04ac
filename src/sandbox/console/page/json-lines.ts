// JSON as lines that can be folded.
import { escapeSegment } from "../../../json-pointer.js";

export interface JsonLine {
  /** JSON pointer of the value; of a line that closes, that of what it closes. */
  pointer: string;
  depth: number;
  name?: string;
  /** A value without members; absent where the line opens or closes one that has some. */
  value?: string | number | boolean | null;
  opens?: "[" | "{";
  closes?: "]" | "}";
  /** Of one that can be folded. */
  members?: number;
  isFolded?: boolean;
  isLast: boolean;
}

/** With more members, or deeper, a value is folded at first. */
const MOST_MEMBERS = 20;
const DEEPEST = 12;

/** Whether a value is open: where a person said so, and else where it is small. */
export const isOpen = (turned: ReadonlyMap<string, boolean>, pointer: string, members: number, depth: number) =>
  turned.get(pointer) ?? (depth === 0 || (members <= MOST_MEMBERS && depth < DEEPEST));

/** The lines as far as they are unfolded. Without a recursion, for a value may have thousands of levels. */
export function linesOf(json: unknown, turned: ReadonlyMap<string, boolean>, most: number): JsonLine[] {
  const lines: JsonLine[] = [];
  type Job = { line: JsonLine } | { value: unknown; pointer: string; depth: number; name?: string; isLast: boolean };
  const jobs: Job[] = [{ value: json, pointer: "", depth: 0, isLast: true }];
  for (let job = jobs.pop(); job !== undefined && lines.length < most; job = jobs.pop()) {
    if ("line" in job) {
      lines.push(job.line);
      continue;
    }
    const { value, ...at } = job;
    if (typeof value !== "object" || value === null) {
      lines.push({ ...at, value: value as string });
      continue;
    }
    const isArray = Array.isArray(value);
    const members = Object.entries(value);
    const [opens, closes] = isArray ? (["[", "]"] as const) : (["{", "}"] as const);
    const isFolded = members.length === 0 || !isOpen(turned, at.pointer, members.length, at.depth);
    lines.push({ ...at, opens, members: members.length, isFolded });
    if (isFolded) continue;
    const { pointer, depth, isLast } = at;
    jobs.push({ line: { pointer, depth, closes, isLast } });
    for (let i = members.length - 1; i >= 0; i--) {
      const [name, member] = members[i] as [string, unknown];
      jobs.push({
        value: member,
        pointer: pointer + escapeSegment(name),
        depth: depth + 1,
        ...(!isArray && { name }),
        isLast: i === members.length - 1,
      });
    }
  }
  return lines;
}

/** Opens what a pointer leads through. */
export function openedTo(pointer: string | undefined): Map<string, boolean> {
  const parts = pointer?.split("/").slice(1, -1) ?? [];
  return new Map(parts.map((_, index) => [`/${parts.slice(0, index + 1).join("/")}`, true]));
}
