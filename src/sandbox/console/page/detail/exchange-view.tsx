import { CHECKS, type Verdict } from "../../../server/verdicts.js";
import type { ShownExchange } from "../../messages.js";
import { CopyButton } from "../copy-button.js";
import { say } from "../language.js";
import { tookOf } from "../list/row.js";
import { Fold, Section } from "../section.js";
import { start } from "../store.js";
import { shortened, visible } from "../text.js";
import { faults } from "../texts.js";
import { dateOf, preciseOf } from "../time.js";
import { verdictTexts } from "../verdict-texts.js";
import { AuthorizationTable } from "./authorization-table.js";
import { RequestBody, ResponseBody, Wire } from "./bodies.js";
import { hasPassed, isRefused, nameOf } from "./checks.js";
import { headerOf } from "./exchange.js";
import { MessageToSign, SignatureView } from "./signature-view.js";
import { detailTexts } from "./texts.js";
import { Tools } from "./tools.js";
import { ExchangeActions } from "./user-buttons.js";

/** A request and its response. Of a refused one first why, then what to change, then the bytes. */
export function ExchangeView({ exchange }: { exchange: ShownExchange }) {
  const { verdict, error, fix, signature, expected } = exchange;
  const isBad = isRefused(verdict);
  const isUnproven = isBad && !hasPassed("signature", verdict);
  return (
    <>
      <TopLine exchange={exchange} />
      {isBad && <Checks verdict={verdict} />}
      <div class={isBad ? "why" : undefined}>
        <h2>{headlineOf(exchange)}</h2>
        {signature && <p>{visible(say(signature.advice))}</p>}
        {fix !== undefined && <Fix fix={fix} />}
      </div>
      <Tools exchange={exchange} />
      {signature && <SignatureView signature={signature} />}
      {error !== undefined && (
        <Section title={say(detailTexts.error)}>
          <pre>{visible(shortened(error)).replaceAll("⏎", "\n")}</pre>
        </Section>
      )}
      {isUnproven && <AuthorizationTable exchange={exchange} />}
      <ExchangeActions exchange={exchange} />
      {isBad && <ResponseBody exchange={exchange} />}
      <RequestBody exchange={exchange} />
      {!isBad && <ResponseBody exchange={exchange} />}
      {!isUnproven && <AuthorizationTable exchange={exchange} isFolded />}
      {signature === undefined && expected !== undefined && <MessageToSign message={expected} />}
      <Headers title={say(detailTexts.requestHeaders)} headers={exchange.requestHeaders} />
      <Headers title={say(detailTexts.responseHeaders)} headers={exchange.responseHeaders} />
      <Fold title={say(detailTexts.wire)}>
        <Wire exchange={exchange} />
      </Fold>
    </>
  );
}

function TopLine({ exchange }: { exchange: ShownExchange }) {
  const { method, path, operationId, status, code, verdict, fault, at, took, responseHeaders } = exchange;
  const kind = fault !== undefined ? "fault" : verdict === "accepted" ? "accepted" : "refused";
  const name = fault !== undefined ? say(faults[fault]) : say(verdictTexts[verdict]);
  const requestId = headerOf(responseHeaders, "Request-ID");
  return (
    <div class="topline">
      <span class={`chip ${kind}`}>
        {{ accepted: "✓", refused: "✗", fault: "⚡" }[kind]} {name}
      </span>
      <b>
        {status} {code !== undefined && visible(code)}
      </b>
      {operationId !== undefined && <span>{operationId}</span>}
      <time dateTime={new Date(at).toISOString()}>
        {dateOf(at)} {preciseOf(at)}
      </time>
      <span>{tookOf(took)}</span>
      <div class="path-line">
        <code class="path">
          <b>{method}</b> {visible(shortened(path))}
        </code>
        {requestId !== undefined && <code class="soft">Request-ID {visible(requestId)}</code>}
      </div>
    </div>
  );
}

/** Each check with what came of it: those after the one that failed were not made. */
function Checks({ verdict }: { verdict: Verdict }) {
  // Nearly all requests have a right path: it is worth a place where one has not.
  const [path, ...others] = CHECKS;
  const shown = path !== undefined && hasPassed(path, verdict) ? others : CHECKS;
  return (
    <ol class="checks" aria-label={say(detailTexts.checks)}>
      {shown.map((check) => {
        const isPassed = hasPassed(check, verdict);
        const [kind, mark, word] =
          isPassed === undefined
            ? (["", "", detailTexts.notReached] as const)
            : isPassed
              ? (["accepted", "✓", detailTexts.passed] as const)
              : (["refused", "✗", detailTexts.failed] as const);
        return (
          <li key={check} class={`chip ${kind}`} aria-current={isPassed === false ? "step" : undefined}>
            {mark !== "" && <span aria-hidden="true">{mark}</span>} {say(nameOf(check))}{" "}
            <span class="spoken">{say(word)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** With these faults no response arrives, or not all of it. */
const LOST = ["reset", "hang", "truncated-body"];

function headlineOf({ verdict, fault, reason, operationId, method, path }: ShownExchange): string {
  if (fault !== undefined) {
    const text =
      verdict === "fault" ? detailTexts.faulted : LOST.includes(fault) ? detailTexts.lost : detailTexts.faulty;
    return say(text, say(faults[fault]));
  }
  if (reason !== undefined) return visible(say(reason));
  if (verdict === "sandbox-error") return say(detailTexts.sandboxError);
  if (verdict !== "accepted") return say(verdictTexts[verdict]);
  const operation = start.value?.operations.find((each) => each.operationId === operationId);
  return operation === undefined ? `${method} ${visible(shortened(path))}` : say(operation.summary);
}

/** Lines of code that begin with `- `, `+ ` or two blanks. */
function Fix({ fix }: { fix: string }) {
  const lines = fix.replace(/\n$/, "").split("\n");
  const added = lines.filter((line) => !line.startsWith("-")).map((line) => line.slice(2));
  return (
    <figure class="fix" aria-label={say(detailTexts.fix)}>
      <div class="section-head">
        <h3>{say(detailTexts.fix)}</h3>
        {added.length > 0 && <CopyButton label={say(detailTexts.copyFix)} text={added.join("\n")} />}
      </div>
      <pre>
        {lines.map((line, index) => {
          const Tag = line.startsWith("-") ? "del" : line.startsWith("+") ? "ins" : "span";
          return (
            <Tag key={index}>
              {visible(line)}
              {"\n"}
            </Tag>
          );
        })}
      </pre>
    </figure>
  );
}

function Headers({ title, headers }: { title: string; headers: ShownExchange["requestHeaders"] }) {
  return (
    <Fold title={`${title} (${headers.length})`}>
      <table class="headers">
        <tbody>
          {headers.map(([name, value], index) => (
            <tr key={index}>
              <th scope="row">
                <code>{visible(name)}</code>
              </th>
              <td>
                <code>{visible(shortened(value))}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Fold>
  );
}
