import type { DeedRow, NotificationRow, RequestRow } from "../../messages.js";
import { Icon } from "../icon.js";
import { distance, language, say } from "../language.js";
import { go } from "../route.js";
import { visible } from "../text.js";
import { faults } from "../texts.js";
import { preciseOf } from "../time.js";
import { verdictTexts } from "../verdict-texts.js";
import { colourOf, type Row as Entry, type Item } from "./rows.js";
import { hashOf } from "./selection.js";
import { deedIcons, deedTexts, listTexts, otherDeeds } from "./texts.js";

/** The longest text of a row, in characters. */
const LONGEST = 300;
const short = (text: string) => visible(text.slice(0, LONGEST));

/** How long something took. */
export const tookOf = (ms: number) =>
  ms < 10_000 ? say(listTexts.took, ms < 1 ? "< 1" : Math.round(ms)) : distance(ms);

/** What a row says: its title, what stands at its end, and its second line. */
function wordsOf(entry: Entry): { status: string; title: string; end: string; below: string } {
  if (entry.kind === "notification") return notificationWords(entry);
  const { method, path, operationId } = entry;
  const isKnown = operationId !== undefined;
  const title = operationId ?? `${method} ${short(path)}`;
  const below = isKnown ? `${method} ${short(endOfPath(path))}` : "";
  if (entry.kind === "unconnected") return { status: "–", title, end: `⚡ ${say(listTexts.noConnection)}`, below };
  return { status: String(entry.status), title, end: endOf(entry), below: reasonOf(entry) ?? below };
}

/** The operation says how a path begins. */
function endOfPath(path: string): string {
  const [, end] = /^[^?]*?((?:\/[^/?]*){2}(?:\?.*)?)$/s.exec(path) ?? [];
  return end === undefined || end === path ? path : `…${end}`;
}

function endOf({ fault, code, verdict, took }: RequestRow): string {
  if (fault !== undefined) return `⚡ ${say(faults[fault])}`;
  if (verdict === "accepted") return tookOf(took);
  return code === undefined ? say(verdictTexts[verdict]) : short(code);
}

const reasonOf = ({ reason, fault }: RequestRow) =>
  reason === undefined || fault !== undefined ? undefined : short(say(reason));

function notificationWords({ event_type, url, status, error, took }: NotificationRow) {
  const end = {
    pending: say(listTexts.waiting),
    accepted: tookOf(took),
    refused: say(status === undefined ? listTexts.unanswered : listTexts.notAccepted),
  }[status === undefined && error === undefined ? "pending" : (status ?? 500) < 300 ? "accepted" : "refused"];
  const below = error === undefined ? `POST ${short(url)}` : short(say(error));
  return { status: status === undefined ? "–" : String(status), title: short(event_type), end, below };
}

interface RowProps {
  item: Extract<Item, { kind: "row" }>;
  isSelected: boolean;
  isTabStop: boolean;
  /** When it has been chosen. */
  onChoose(): void;
}

export function RowLink({ item, isSelected, isTabStop, onChoose }: RowProps) {
  const { entry, key, attempt, attempts } = item;
  const { status, title, end, below } = wordsOf(entry);
  const isEarlier = attempt !== undefined && attempt !== attempts;
  const content = (
    <>
      <time dateTime={new Date(entry.at).toISOString()}>{preciseOf(entry.at)}</time>{" "}
      <span class="status">{status}</span>{" "}
      <span class="title">
        {isEarlier && "↳"}
        {entry.kind === "notification" && <Icon name="mail" />}
        <b class={isEarlier ? "spoken" : undefined}>{title}</b>
        {attempt !== undefined && <span class="attempt"> {say(listTexts.attempt, attempt, attempts ?? attempt)}</span>}
      </span>{" "}
      <span class="end">{end}</span> <span class="below">{below}</span>
    </>
  );
  const look = `item ${colourOf(entry)}`;
  if (!("id" in entry)) return <div class={look}>{content}</div>;
  return (
    <a
      class={look}
      href={hashOf(key)}
      aria-current={isSelected ? "true" : undefined}
      tabIndex={isTabStop ? 0 : -1}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(hashOf(key));
        onChoose();
      }}
    >
      {content}
    </a>
  );
}

/** What stands between rows. */
export function Divider({ item }: { item: Exclude<Item, { kind: "row" }> }) {
  if (item.kind === "day") return <div class="divider day">{item.date}</div>;
  return (
    <div class="divider">
      <Icon name={deedIcons[item.entry.deed]} /> {deedWords(item.entry)}
    </div>
  );
}

function deedWords({ deed, given }: DeedRow): string {
  const text =
    given.state === "DEAUTHORIZED"
      ? otherDeeds.deauthorize
      : given.state === "AUTHENTICATE_FAILED"
        ? otherDeeds.failCheck
        : deedTexts[deed];
  const values = {
    ...given,
    ...(deed === "advance" && { ms: distance(Number(given.ms)) }),
    ...(deed === "fail" && { fault: faultWords(given) }),
  };
  const all = new Map(Object.entries(values));
  return text[language.value].replace(/\{(\w+)\}/g, (_, name) => short(String(all.get(name) ?? "")));
}

function faultWords({ fault, operation, times }: DeedRow["given"]): string {
  const name = Object.hasOwn(faults, String(fault)) ? say(faults[fault as keyof typeof faults]) : String(fault);
  return [name, times !== undefined && `×${times}`, operation].filter(Boolean).join(" ");
}
