/**
 * The process of one contender. Its one argument is a `Job` in JSON. It prints a line of JSON when it is ready, and then one for each
 * measurement: those of the job, or else those that arrive on standard input, a line each.
 */
import { readFileSync, writeSync } from "node:fs";
import { everyContender, MissingEntry, type Target } from "./contenders.js";

export interface Job {
  contender: string;
  target: Target;
  /** What to measure at once. A process that reads none of it from standard input has loaded no sockets before it makes a call. */
  measurements?: Measurement[];
}

/** So many calls, at most `concurrency` of them at once. */
export interface Measurement {
  calls: number;
  concurrency: number;
}

export interface Ready {
  /** Why the contender cannot run here. */
  missing?: string;
  runtime: string;
  /** What it cost to import it and to create its client. */
  cpuMs: number;
}

export interface Figures {
  calls: number;
  /** How many calls failed, by the error. */
  errors: Record<string, number>;
  wallMs: number;
  /** User and system time of the process, in µs per call. */
  cpu: number;
  /** That of the main thread alone; only Linux tells. */
  main: number | undefined;
  p50: number;
  p99: number;
  /** How late the event loop came to a timer, in ms; Bun has no such monitor. */
  loopP99: number | undefined;
  /** In MB; the heap after a collection, where the process may ask for one. */
  rss: number;
  maxRss: number;
  heap: number | undefined;
}

/** How often the event loop is looked at, in ms. */
const RESOLUTION = 10;

const job = JSON.parse(process.argv[2] ?? "") as Job;
const contender = everyContender.find(({ name }) => name === job.contender);
if (!contender) throw new Error(`There is no contender ${job.contender}.`);

const { bun, node } = process.versions;
const runtime = bun ? `Bun ${bun}` : `Node.js ${node}`;
const started = process.cpuUsage();
const call = await contender.create(job.target).catch((error: Error) => {
  if (!(error instanceof MissingEntry)) throw error;
  print({ missing: error.message, runtime, cpuMs: 0 });
  process.exit();
});
print({ runtime, cpuMs: total(process.cpuUsage(started)) / 1000 });
for await (const measurement of job.measurements ?? fromStdin()) print(await measure(measurement));
// Kept-alive sockets would hold the process.
process.exit();

async function* fromStdin(): AsyncGenerator<Measurement> {
  const { createInterface } = await import("node:readline");
  for await (const line of createInterface({ input: process.stdin })) yield JSON.parse(line);
}

function print(line: Ready | Figures): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

async function measure({ calls, concurrency }: Measurement): Promise<Figures> {
  const latencies = new Float64Array(calls);
  const errors: Record<string, number> = {};
  let next = 0;
  const worker = async () => {
    while (next < calls) {
      const index = next++;
      const start = performance.now();
      await call().then(requireToken).catch(count);
      latencies[index] = performance.now() - start;
    }
  };
  const count = (error: Error & { code?: string }) => {
    const name = [error.name, error.code].filter(Boolean).join(" ");
    errors[name] = (errors[name] ?? 0) + 1;
  };

  const delay = await monitorEventLoop();
  const before = { cpu: process.cpuUsage(), main: mainThread(), wall: performance.now() };
  await Promise.all(Array.from({ length: Math.min(concurrency, calls) }, worker));
  const wallMs = performance.now() - before.wall;
  const main = mainThread();
  const cpu = total(process.cpuUsage(before.cpu)) / calls;
  return {
    calls,
    errors,
    wallMs,
    cpu,
    main: main && before.main && (main - before.main) / calls,
    ...percentiles(latencies),
    loopP99: delay(),
    ...memory(),
  };
}

function requireToken(data: unknown): void {
  if (!(data as { token?: string } | undefined)?.token) throw new Error("The reply has no token.");
}

function total({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

/** CPU time of the main thread, in µs. */
function mainThread(): number | undefined {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ", 1)[0]) / 1000;
  } catch {
    return undefined;
  }
}

async function monitorEventLoop(): Promise<() => number | undefined> {
  if (bun) return () => undefined;
  const { monitorEventLoopDelay } = await import("node:perf_hooks");
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  histogram.enable();
  return () => {
    histogram.disable();
    // A run that was shorter recorded nothing. What it records includes the monitor's own timer.
    return histogram.count ? Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION) : undefined;
  };
}

function percentiles(latencies: Float64Array): { p50: number; p99: number } {
  const sorted = latencies.sort();
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function memory(): Pick<Figures, "rss" | "maxRss" | "heap"> {
  const MB = 2 ** 20;
  const rss = process.memoryUsage().rss / MB;
  const maxRss = process.resourceUsage().maxRSS / 1024;
  globalThis.gc?.();
  return { rss, maxRss, heap: globalThis.gc && process.memoryUsage().heapUsed / MB };
}
