/** Tables and the chart of what was measured. */
import { cpus, release, type } from "node:os";
import type { Figures } from "./client.js";
import { everyContender, PEER } from "./contenders.js";

/** One contender's figures in one round. */
export interface Sample extends Figures {
  runtime: string;
  contender: string;
  concurrency: number;
  round: number;
}

/** How a contender took a reply that another key had signed. */
export interface Check {
  runtime: string;
  contender: string;
  /** The error, where it refused the reply. */
  refused: string | undefined;
}

/** One figure that was taken several times. */
export interface Series {
  runtime: string;
  what: string;
  /** The column. */
  figure: string;
  values: number[];
}

export function median(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
  const middle = known.length / 2;
  return known.length % 2 ? known[Math.floor(middle)] : average(known[middle - 1], known[middle]);
}

const average = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : (a + b) / 2;

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, ["---", ...head.slice(1).map(() => "---:")], ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");

export function format(number: number | undefined, digits = 0): string {
  return number === undefined || Number.isNaN(number) ? "–" : number.toFixed(digits);
}

/** Where and when it was measured. */
export function machine(): { cores: number; cpu: string; os: string; date: string } {
  const cores = cpus();
  const cpu = cores[0]?.model.trim() || "unknown";
  return { cores: cores.length, cpu, os: `${type()} ${release()}`, date: new Date().toISOString().slice(0, 10) };
}

/** Whoever claims to verify has to refuse a reply of another key, or its figures would say nothing; and nobody is said not to who does. */
export function requireAsClaimed({ contender, runtime, refused }: Check): void {
  const verifies = contenderOf(contender)?.verifies;
  if (verifies && !refused) throw new Error(`${contender} on ${runtime} accepted a reply that another key had signed.`);
  if (!verifies && refused) throw new Error(`${contender} on ${runtime} verifies, and is said not to.`);
}

export function checkText(checks: readonly Check[]): string {
  const named = (check: Check) => (check.refused ? `${check.contender} (${check.refused})` : check.contender);
  const list = (some: Check[]) => some.map(named).join(", ") || "nobody";
  const refused = list(checks.filter((check) => check.refused));
  const accepted = list(checks.filter((check) => !check.refused));
  return `A reply signed by another key was refused by ${refused}.\nIt was accepted, for they do not verify, by ${accepted}.\n`;
}

const contenderOf = (name: string) => everyContender.find((each) => each.name === name);

/** A contender's name, and what must be said beside it. */
export function label(name: string): string {
  const note = contenderOf(name)?.note;
  return note ? `${name} (${note})` : name;
}

export function floorOf(name: string): string | undefined {
  return contenderOf(name)?.floor;
}

/** What figures are compared with: the floor of each, and the peer. */
const FLOOR_AND_PEER: Record<string, (name: string) => string | undefined> = {
  "its floor": floorOf,
  [PEER]: () => PEER,
};

/** One runtime's samples at one concurrency, with ratios to others. */
export function callTable(samples: readonly Sample[], others = FLOOR_AND_PEER): string {
  const names = [...new Set(samples.map(({ contender }) => contender))];
  const head = ["contender", "calls/s", "CPU µs", "main thread µs", "p50 ms", "p99 ms", "loop delay p99 ms", "RSS MB"];
  const ratios = Object.keys(others).flatMap((other) => [`CPU ÷ ${other}`, `main ÷ ${other}`]);
  const rows = names.map((name) => [label(name), ...figuresOf(samples, name), ...ratiosOf(samples, name, others)]);
  return table([...head, ...ratios], rows);
}

function figuresOf(samples: readonly Sample[], name: string): string[] {
  const own = samples.filter(({ contender }) => contender === name);
  const of = (read: (sample: Sample) => number | undefined, digits?: number) => format(median(own.map(read)), digits);
  return [
    of(({ calls, wallMs }) => (calls / wallMs) * 1000),
    of(({ cpu }) => cpu),
    of(({ main }) => main),
    of(({ p50 }) => p50, 2),
    of(({ p99 }) => p99, 2),
    of(({ loopP99 }) => loopP99, 1),
    of(({ rss }) => rss),
  ];
}

function ratiosOf(samples: readonly Sample[], name: string, others: typeof FLOOR_AND_PEER): string[] {
  return Object.values(others).flatMap((otherOf) => [
    format(ratio(samples, name, otherOf(name), "cpu"), 2),
    format(ratio(samples, name, otherOf(name), "main"), 2),
  ]);
}

/** Median of the ratios within each round: what slows the machine for a while slows both. */
export function ratio(samples: readonly Sample[], name: string, other: string | undefined, figure: "cpu" | "main") {
  const inRound = (contender: string | undefined, round: number) =>
    samples.find((sample) => sample.contender === contender && sample.round === round)?.[figure];
  const rounds = new Set(samples.map(({ round }) => round));
  return median([...rounds].map((round) => divide(inRound(name, round), inRound(other, round))));
}

const divide = (a: number | undefined, b: number | undefined) => (a === undefined || !b ? undefined : a / b);

/** One runtime's series: a row for each thing, a column for each figure; `beyond` the row named, if there is one. */
export function seriesTable(series: readonly Series[], title: string, beyond?: string): string {
  const figures = [...new Set(series.map(({ figure }) => figure))];
  const things = [...new Set(series.map(({ what }) => what))];
  const value = (thing: string | undefined, figure: string) =>
    median(series.find((each) => each.what === thing && each.figure === figure)?.values ?? []);
  const columns = (thing: string) => {
    const cells = figures.map((figure) => format(value(thing, figure), 1));
    const [figure = ""] = figures;
    return beyond === undefined
      ? cells
      : [...cells, format(difference(value(thing, figure), value(beyond, figure)), 1)];
  };
  const head = [title, ...figures, ...(beyond === undefined ? [] : [`beyond ${beyond}`])];
  return table(
    head,
    things.map((thing) => [thing, ...columns(thing)]),
  );
}

const difference = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a - b;

const WIDTH = 840;
const NAMES = 300;
const ROW = 30;
const TOP = 64;

const STYLE = `
    text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .small { font-size: 12px; fill: #59636e; }
    .all { fill: #9cc5a8; } .main { fill: #2f7d4a; }
    .others .all { fill: #bcc4cc; } .others .main { fill: #68727d; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; } .small { fill: #9198a1; }
      .all { fill: #6fbf8b; } .main { fill: #2a8a4e; }
      .others .all { fill: #8b949e; } .others .main { fill: #545d68; }
    }`;

/** Bars of CPU per call, the main thread's part in a darker tone. `samples` are one runtime's at one concurrency. */
export function chart(samples: readonly Sample[], title: string, subtitle: string): string {
  const of = (name: string, figure: "cpu" | "main") =>
    median(samples.filter(({ contender }) => contender === name).map((sample) => sample[figure]));
  const bars = [...new Set(samples.map(({ contender }) => contender))]
    .map((name) => ({ name, cpu: of(name, "cpu") ?? 0, main: of(name, "main") }))
    .sort((a, b) => a.cpu - b.cpu);
  const scale = (WIDTH - NAMES - 130) / Math.max(...bars.map(({ cpu }) => cpu));
  const height = TOP + bars.length * ROW + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
  <title>${escapeXml(title)}</title>
  <style>${STYLE}
  </style>
  <text class="title" x="8" y="22">${escapeXml(title)}</text>
  <text class="small" x="8" y="44">${escapeXml(subtitle)}</text>
${bars.map((bar, index) => drawBar(bar, TOP + index * ROW, scale)).join("\n")}
</svg>
`;
}

function drawBar(
  { name, cpu, main }: { name: string; cpu: number; main: number | undefined },
  y: number,
  scale: number,
) {
  const note = contenderOf(name)?.note;
  const [all, dark] = [cpu, main ?? 0].map((value) => (value * scale).toFixed(1));
  const values = main === undefined ? format(cpu) : `${format(cpu)} (${format(main)})`;
  const more = note ? ` <tspan class="small">${escapeXml(note)}</tspan>` : "";
  return `  <g${name.startsWith("ours") ? "" : ` class="others"`}>
    <text x="8" y="${y + 16}">${escapeXml(name)}${more}</text>
    <rect class="all" x="${NAMES}" y="${y + 2}" width="${all}" height="20" rx="2"/>
    <rect class="main" x="${NAMES}" y="${y + 2}" width="${dark}" height="20" rx="2"/>
    <text x="${(NAMES + Number(all) + 8).toFixed(1)}" y="${y + 16}">${values}</text>
  </g>`;
}

const escapeXml = (text: string) => text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
