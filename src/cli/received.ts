import type { ReceivedRequest, UnconnectedRequest } from "../sandbox/index.js";
import type { Language } from "./command.js";
import { paint, visible } from "./terminal.js";

/** A request as a line, and under it why it was refused, with the console's view of it. No query and no body: they may hold personal data. */
export function describe(request: ReceivedRequest, language: Language, link: string): string {
  const { status, verdict, fault, reason } = request;
  const out = process.stdout;
  const colour = verdict === "accepted" && fault === undefined ? "green" : status < 400 ? "yellow" : "red";
  const judged = paint(out, colour, `${status} ${verdict}${fault ? ` (${fault})` : ""}`);
  const line = `${callOf(request)} → ${judged}`;
  return reason === undefined ? line : `${line}\n  ${visible(reason[language])} ${paint(out, "dim", link)}`;
}

/** A request that never arrived, for the fault `refused` met it. */
export function describeUnconnected(request: UnconnectedRequest, language: Language): string {
  const judged = { en: "no connection (refused)", zh: "未建立连接 (refused)" }[language];
  return `${callOf(request)} → ${paint(process.stdout, "red", judged)}`;
}

function callOf({ method, path }: Pick<ReceivedRequest, "method" | "path">): string {
  const out = process.stdout;
  const time = out.isTTY ? `${paint(out, "dim", new Date().toLocaleTimeString("sv"))} ` : "";
  return time + visible(`${method} ${path.split("?", 1)[0]}`);
}
