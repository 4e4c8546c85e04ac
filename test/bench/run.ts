/**
 * What a call costs whoever makes it, beside other clients and beside the least that it can cost.
 *
 *   npm run bench                                     five runtimes, one call at a time and 32: takes ten minutes
 *   npm run bench -- --quick                          does everything once, on the Node.js that runs it
 *   npm run bench -- --runtimes node24 --contenders ours,wechatpay-axios-plugin --rounds 9 --calls 1000
 *   npm run bench -- --before ../old/dist             beside another build of the package
 *   npm run bench -- --check                          only: who refuses a reply that another key has signed
 *   npm run bench -- --start                          only: imports and first calls
 *   npm run bench -- --scale                          only: many calls, many at once, many clients, keys and operations
 *
 * And `--concurrency 1,32`, `--tls`, `--json <file>`, `--svg <file>`. With the usual contenders, rounds and calls, 32 of them at once on
 * Node.js 24, the chart goes to guide/bench.svg without being asked for.
 */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Figures, Measurement } from "./client.js";
import { BEFORE, type Contender, contenders, everyContender, growth, PACKAGE, PEER } from "./contenders.js";
import * as processes from "./processes.js";
import {
  type Check,
  callTable,
  chart,
  checkText,
  floorOf,
  format,
  label,
  machine,
  requireAsClaimed,
  type Sample,
  type Series,
  seriesTable,
  table,
} from "./report.js";

const OPTIONS = {
  runtimes: { type: "string" },
  rounds: { type: "string" },
  calls: { type: "string" },
  concurrency: { type: "string", default: "1,32" },
  contenders: { type: "string" },
  before: { type: "string" },
  json: { type: "string" },
  svg: { type: "string" },
  tls: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  start: { type: "boolean", default: false },
  scale: { type: "boolean", default: false },
} as const;

const CHART = { file: "guide/bench.svg", runtime: "node24", concurrency: 32 };

const options = readArguments();

function readArguments() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    const { quick, scale, before, tls, check, start, json, svg } = values;
    const known = [...processes.RUNTIMES, processes.CURRENT];
    const all = scale ? CHART.runtime : processes.RUNTIMES.join();
    if (before && !existsSync(join(before, "src/index.js"))) {
      throw new Error(`--before ${before} is no build of this package: give a folder dist/ that has src/index.js.`);
    }
    const usual = [...contenders.map(({ name }) => name), ...(before ? [BEFORE, `${BEFORE}-node`] : [])];
    return {
      ...{ quick, scale, tls, check, start, json, svg },
      ...(before && { before }),
      runtimes: oneOf("runtimes", values.runtimes ?? (quick ? processes.CURRENT : all), known),
      contenders: oneOf("contenders", values.contenders ?? usual.join(), usual),
      rounds: whole("rounds", values.rounds ?? (quick ? "1" : "7"))[0] as number,
      calls: values.calls === undefined ? undefined : whole("calls", values.calls)[0],
      concurrency: whole("concurrency", values.concurrency),
      /** Whether the chart of guide/performance.md may be made of it. */
      isWhole: Object.keys(values).every(
        (name) => ["runtimes", "concurrency", "json", "svg"].includes(name) || !values[name as keyof typeof values],
      ),
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

function oneOf(option: string, list: string, known: readonly string[]): string[] {
  const names = [...new Set(list.split(","))];
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return names;
  throw new Error(`--${option} has no ${stranger}: give some of ${known.join(", ")}, joined by commas.`);
}

function whole(option: string, list: string): number[] {
  const numbers = list.split(",").map(Number);
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers;
  throw new Error(`--${option} ${list} is no whole number above 0.`);
}

const say = (text: string) => process.stdout.write(`${text}\n`);
const note = (text: string) => process.stderr.write(`${text}\n`);

/** Everything that was measured, for `--json`. */
const results: { samples: Sample[]; checks: Check[]; series: Series[]; memory: object[]; floods: object[] } = {
  samples: [],
  checks: [],
  series: [],
  memory: [],
  floods: [],
};

/** A contender whose calls fail is not cheap but broken. */
function requireSuccess(name: string, figures: Figures): Figures {
  const errors = Object.keys(figures.errors);
  if (errors.length > 0) throw new Error(`${name} failed to call: ${errors.join(", ")}`);
  return figures;
}

/** What each runtime calls itself. */
const runtimeNames: Record<string, string> = {};

async function startClient(runtime: string, job: processes.ClientJob): Promise<processes.Client> {
  const client = await processes.startClient(bench, runtime, server.origin, job);
  runtimeNames[runtime] = client.runtime;
  return client;
}

/** Starts those contenders that can run on a runtime. */
async function startClients(
  runtime: string,
  some: readonly Contender[],
  collects = false,
): Promise<processes.Client[]> {
  const clients: processes.Client[] = [];
  for (const { name, notOnBun } of some) {
    if (notOnBun && runtime === "bun") {
      note(`${name}: left out, Bun has its own fetch in the place of undici`);
      continue;
    }
    const client = await startClient(runtime, { contender: name, collects });
    if (client.missing) note(`${name}: left out, ${client.missing}`);
    else clients.push(client);
  }
  return clients;
}

/** Who refuses a reply of another key, and whether that is who claims to. */
async function check(runtime: string, clients: readonly processes.Client[]): Promise<void> {
  const once: Measurement = { calls: 1, concurrency: 1 };
  await server.ask({ signer: "platform" });
  for (const client of clients) requireSuccess(client.contender, await client.measure(once));
  await server.ask({ signer: "other" });
  const checks: Check[] = [];
  for (const { contender, measure } of clients) {
    const [refused] = Object.keys((await measure(once)).errors);
    checks.push({ runtime, contender, refused });
  }
  await server.ask({ signer: "platform" });
  results.checks.push(...checks);
  say(checkText(checks));
  checks.forEach(requireAsClaimed);
}

/** All contenders in each round, the first one of it another each time, so that what the machine does meanwhile hits all. */
async function measureRounds(
  runtime: string,
  clients: readonly processes.Client[],
  concurrency: number,
  calls: number,
  warmUp = calls,
) {
  const samples: Sample[] = [];
  for (const { contender, measure } of clients)
    requireSuccess(contender, await measure({ calls: warmUp, concurrency }));
  for (let round = 0; round < options.rounds; round++) {
    note(`${runtime}, ${concurrency} at once, round ${round + 1} of ${options.rounds}`);
    for (const { contender, measure } of inTurn(clients, round)) {
      // The sockets of a contender may have been closed while others had their turn.
      requireSuccess(contender, await measure({ calls: concurrency * 2, concurrency }));
      const figures = requireSuccess(contender, await measure({ calls, concurrency }));
      samples.push({ runtime, contender, concurrency, round, ...figures });
    }
  }
  // As in the table, not as in the last round.
  const place = ({ contender }: Sample) => everyContender.findIndex(({ name }) => name === contender);
  samples.sort((a, b) => a.round - b.round || place(a) - place(b));
  results.samples.push(...samples);
  return samples;
}

function inTurn<T>(list: readonly T[], round: number): T[] {
  const at = round % list.length;
  const turned = [...list.slice(at), ...list.slice(0, at)];
  return round % 2 ? turned.reverse() : turned;
}

async function measureCalls(runtime: string): Promise<void> {
  const asked = everyContender.filter(({ name }) => options.contenders.includes(name));
  const clients = await startClients(runtime, asked);
  say(`\n## ${runtimeNames[runtime]}\n`);
  await check(runtime, clients);
  for (const concurrency of options.check ? [] : options.concurrency) {
    const calls = Math.max(options.calls ?? (options.quick ? 20 : 600), concurrency);
    const samples = await measureRounds(runtime, clients, concurrency, calls);
    say(`\n### ${concurrency} at once\n\n${callTable(samples)}`);
  }
  for (const client of clients) client.stop();
}

const IMPORTS = {
  "an empty module": "./empty.js",
  "openapi-fetch": "openapi-fetch",
  [PACKAGE]: PACKAGE,
  [`${PACKAGE}/node`]: `${PACKAGE}/node`,
  [PEER]: PEER,
  "wechatpay-node-v3": "wechatpay-node-v3",
};
const FIRST_CALLS = ["floor-fetch", "ours", "ours-node", PEER];

/** What a process pays before it is warm: each time in a new one, and in turn. */
async function measureStart(runtime: string): Promise<void> {
  const times = options.quick ? 1 : Math.max(9, options.rounds);
  const imports: Series[] = Object.keys(IMPORTS).map((what) => ({ runtime, what, figure: "CPU ms", values: [] }));
  const calls: Series[] = [];
  for (let time = 0; time < times; time++) {
    note(`${runtime}, start, ${time + 1} of ${times}`);
    for (const { what, values } of inTurn(imports, time)) {
      const cpu = await processes.importCpu(bench, runtime, IMPORTS[what as keyof typeof IMPORTS] ?? "");
      if (cpu !== undefined) values.push(cpu);
    }
    for (const contender of inTurn(FIRST_CALLS, time)) {
      for (const [figure, value] of Object.entries(await firstCalls(runtime, contender))) {
        const known = calls.find((each) => each.what === contender && each.figure === figure);
        if (known) known.values.push(value);
        else calls.push({ runtime, what: contender, figure, values: [value] });
      }
    }
  }
  results.series.push(...imports, ...calls);
  calls.sort((a, b) => FIRST_CALLS.indexOf(a.what) - FIRST_CALLS.indexOf(b.what));
  say(
    `\n### Start, ${runtimeNames[runtime]}, medians of ${times} processes\n\n${seriesTable(imports, "import", "an empty module")}`,
  );
  say(seriesTable(calls, "contender"));
}

async function firstCalls(runtime: string, contender: string): Promise<Record<string, number>> {
  const measurements = [1, 2].map(() => ({ calls: 1, concurrency: 1 }));
  const client = await startClient(runtime, { contender, measurements });
  if (client.missing) return {};
  const figures: Record<string, number> = { "import and create, CPU ms": client.cpuMs };
  for (const which of ["1st call", "2nd call"]) {
    const { cpu, wallMs } = requireSuccess(contender, await client.measure({ calls: 1, concurrency: 1 }));
    Object.assign(figures, { [`${which}, CPU ms`]: cpu / 1000, [`${which}, wall ms`]: wallMs });
  }
  return figures;
}

const named = (...names: string[]) => everyContender.filter(({ name }) => names.includes(name));

/** Whether memory grows with the number of calls. */
async function measureMemory(runtime: string): Promise<void> {
  const calls = Math.ceil((options.calls ?? (options.quick ? 320 : 100_000)) / 10);
  const rows: string[][] = [];
  for (const { contender, measure, stop } of await startClients(runtime, named("ours", "ours-node"), true)) {
    for (let step = 1; step <= 10; step++) {
      const { heap, rss } = requireSuccess(contender, await measure({ calls, concurrency: 32 }));
      results.memory.push({ runtime, contender, calls: calls * step, heap, rss });
      rows.push([label(contender), (calls * step).toLocaleString("en"), format(heap, 1), format(rss)]);
    }
    stop();
  }
  const head = ["one client", "calls", "heap after a collection, MB", "RSS MB"];
  say(`\n### Many calls, 32 at once\n\n${table(head, rows)}`);
}

/** As many calls at once as a queue would hold; each contender with its defaults, so with a time-out or without. */
async function measureFlood(runtime: string): Promise<void> {
  const calls = options.quick ? 100 : 10_000;
  const rows: string[][] = [];
  const some = named("floor-fetch", "ours", "ours-node", PEER);
  for (const { name } of some) {
    const [client] = await startClients(runtime, named(name));
    if (!client) continue;
    requireSuccess(name, await client.measure({ calls: 1, concurrency: 1 }));
    await server.ask();
    const figures = await client.measure({ calls, concurrency: calls });
    const { requests, sockets, mostSockets } = await server.ask();
    client.stop();
    results.floods.push({ runtime, contender: name, ...figures, requests, sockets, mostSockets });
    const failed = Object.values(figures.errors).reduce((sum, count) => sum + count, 0);
    const errors = Object.entries(figures.errors).map(([error, count]) => `${count} ${error}`);
    const counts = [calls - failed, requests, sockets, mostSockets].map((count) => count.toLocaleString("en"));
    const [ok = "", ...others] = counts;
    rows.push([label(name), ok, errors.join(", ") || "–", format(figures.wallMs), format(figures.maxRss), ...others]);
  }
  const head = ["succeeded", "errors", "ms", "peak RSS MB", "requests", "sockets opened", "at one time"];
  say(`\n### ${calls.toLocaleString("en")} calls at once\n\n${table(["contender", ...head], rows)}`);
}

/** What many clients, keys and operations add to a call. */
async function measureGrowth(runtime: string): Promise<void> {
  const clients = await startClients(runtime, growth);
  const calls = options.quick ? 32 : 600;
  // Each of the clients is to have made its first call.
  const samples = await measureRounds(runtime, clients, 32, calls, options.quick ? calls : 1000);
  for (const client of clients) client.stop();
  say(`\n### Many clients, keys and operations, 32 at once\n\n${callTable(samples, { "as it is": floorOf })}`);
}

async function measureScale(runtime: string): Promise<void> {
  say(`\n## Scale, ${runtime}`);
  await measureMemory(runtime);
  await measureFlood(runtime);
  await measureGrowth(runtime);
}

async function measureAll(runtime: string): Promise<void> {
  if (options.scale) return measureScale(runtime);
  if (!options.start) await measureCalls(runtime);
  // Bun reads the arguments of a script in --eval in another way.
  if (!options.check && runtime !== "bun") await measureStart(runtime);
}

/** The chart is of 32 calls at once on Node.js 24, or else of the last that was measured. */
async function writeChart(): Promise<void> {
  const { samples } = results;
  const isChart = ({ runtime, concurrency }: Sample) => runtime === CHART.runtime && concurrency === CHART.concurrency;
  const chosen = samples.find(isChart) ?? samples.at(-1);
  const file = options.svg ?? (options.isWhole && chosen && isChart(chosen) ? CHART.file : undefined);
  if (!file || !chosen) return;
  const { runtime, concurrency } = chosen;
  const of = samples.filter((sample) => sample.runtime === runtime && sample.concurrency === concurrency);
  const { cores, cpu, date } = machine();
  const title = `CPU time per call in µs, ${runtimeNames[runtime]}, ${concurrency} ${concurrency > 1 ? "calls at once" : "call at a time"}`;
  const subtitle = `Less is better. Dark and in brackets: the main thread's part. ${cores} × ${cpu}, ${date}`;
  await writeFile(file, chart(of, title, subtitle));
  note(`Wrote ${file}`);
}

const command = ["npm run bench", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" ");

async function main(): Promise<void> {
  const { cores, cpu, os, date } = machine();
  say(`# What a call costs\n\n\`${command}\`, ${date}, ${cores} × ${cpu}, ${os}.`);
  say("CPU is user and system time of the client's process per call; medians. Differences under 5 % are noise.");
  for (const runtime of options.runtimes) {
    if (existsSync(processes.binaryOf(runtime))) await measureAll(runtime);
    else note(`${runtime}: left out, it could not be installed here`);
  }
  await writeChart();
  if (!options.json) return;
  await writeFile(
    options.json,
    `${JSON.stringify({ command, machine: machine(), runtimes: runtimeNames, ...results }, null, 2)}\n`,
  );
  note(`Wrote ${options.json}`);
}

await processes.install(options.runtimes);
const bench = await processes.prepare(options);
const server = await processes.startServer(bench);
try {
  await main();
} finally {
  server.stop();
}
