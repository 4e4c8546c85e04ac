import { useSignal } from "@preact/signals";
import type { ShownExchange } from "../../messages.js";
import { CopyButton } from "../copy-button.js";
import { Body, TextView } from "../json-view.js";
import { say } from "../language.js";
import { Section } from "../section.js";
import { asText, record } from "../text.js";
import { texts } from "../texts.js";
import { isUpload, sentOf } from "./exchange.js";
import { detailTexts } from "./texts.js";

interface Sides {
  title: string;
  plain: unknown;
  /** What went over the wire, where that is something else. */
  sent: string | undefined;
  decrypted: readonly string[];
  marked?: string | undefined;
  names: [plain: string, sent: string];
  /** Whether what was sent comes first. */
  isSentFirst?: boolean;
}

export function RequestBody({ exchange }: { exchange: ShownExchange }) {
  return (
    <TwoSided
      title={say(detailTexts.request)}
      plain={exchange.body}
      sent={exchange.sentBody}
      decrypted={exchange.decrypted.request}
      marked={offendingPointer(exchange)}
      names={[say(detailTexts.decrypted), say(detailTexts.asSent)]}
    />
  );
}

export function ResponseBody({ exchange }: { exchange: ShownExchange }) {
  const { response, sentResponse, decrypted, fault } = exchange;
  const isFaulty = fault !== undefined;
  return (
    <TwoSided
      title={say(detailTexts.response)}
      plain={response}
      sent={sentResponse}
      decrypted={decrypted.response}
      names={
        isFaulty
          ? [say(detailTexts.byOperation), say(detailTexts.byCaller)]
          : [say(detailTexts.decrypted), say(detailTexts.asSent)]
      }
      isSentFirst={isFaulty}
    />
  );
}

/** Where in the body a `PARAM_ERROR` lies, as a JSON pointer. */
function offendingPointer({ verdict, response }: ShownExchange): string | undefined {
  const { field, location } = record(record(response).detail);
  return verdict === "invalid-parameter" && location === "body" && typeof field === "string" ? field : undefined;
}

/** A body in one view, with a switch between what it means and what was sent. */
function TwoSided({ title, plain, sent, decrypted, marked, names, isSentFirst = false }: Sides) {
  const isSent = useSignal(isSentFirst);
  const showsSent = sent !== undefined && isSent.value;
  if ((plain === undefined || plain === "") && sent === undefined) {
    return (
      <div class="row">
        <h3>{title}</h3>
        <span class="none">{say(texts.noBody)}</span>
      </div>
    );
  }
  return (
    <Section
      title={title}
      actions={
        <>
          {sent !== undefined && (
            <div class="switch">
              {names.map((name, index) => (
                <button
                  key={name}
                  type="button"
                  class="small"
                  aria-pressed={isSent.value === (index === 1)}
                  onClick={() => {
                    isSent.value = index === 1;
                  }}
                >
                  {name}
                </button>
              ))}
            </div>
          )}
          {plain !== undefined && plain !== "" && (
            <CopyButton
              label={say(texts.copyJson)}
              name={`${say(texts.copyJson)}: ${title}`}
              text={() => (showsSent ? sent : asText(plain))}
            />
          )}
        </>
      }
    >
      {showsSent ? <Sent text={sent} /> : <Body body={plain} decrypted={decrypted} marked={marked} />}
    </Section>
  );
}

const Sent = ({ text }: { text: string }) => (text === "" ? <Body body={undefined} /> : <TextView text={text} />);

/** Both messages as they went over the wire. */
export function Wire({ exchange }: { exchange: ShownExchange }) {
  const { method, path, status, requestHeaders, responseHeaders, response, sentResponse } = exchange;
  const headers = (all: ShownExchange["requestHeaders"]) => all.map(([name, value]) => `${name}: ${value}\n`).join("");
  const sent = isUpload(exchange) ? `(${say(detailTexts.asSent)}: multipart/form-data)` : sentOf(exchange);
  const answered = sentResponse ?? (typeof response === "string" ? response : (JSON.stringify(response) ?? ""));
  return (
    <>
      <TextView text={`${method} ${path} HTTP/1.1\n${headers(requestHeaders)}\n${sent}`} />
      <TextView text={`HTTP/1.1 ${status}\n${headers(responseHeaders)}\n${answered}`} />
    </>
  );
}
