import type { ShownExchange, Text } from "../../messages.js";
import { ask } from "../actions.js";
import { CopyButton } from "../copy-button.js";
import { say } from "../language.js";
import { go } from "../route.js";
import { draft, start } from "../store.js";
import { asText } from "../text.js";
import { clientCode, curlScript } from "./commands.js";
import { headerOf, isUpload, sentOf } from "./exchange.js";
import { detailTexts } from "./texts.js";

/** Copies a request in several forms, and sends it again. */
export function Tools({ exchange }: { exchange: ShownExchange }) {
  const { id, method, path, body } = exchange;
  // An upload's content is not kept, and a body that is no JSON is cut.
  const isWhole = !isUpload(exchange) && (typeof body !== "string" || body === "");
  const curl = isWhole ? curlOf(exchange) : undefined;
  const code = isWhole ? codeOf(exchange) : undefined;
  const request = { method, path, ...(body !== undefined && body !== "" && { body }) };
  async function replay() {
    const sent = await ask({ action: "send", ...request }, (again) => say(detailTexts.replayed, again));
    if (sent !== undefined) go(`#/requests/${sent}`);
  }
  return (
    <fieldset class="row tools" aria-label={say(detailTexts.tools)}>
      {isWhole && (
        <>
          <button type="button" class="small" onClick={replay}>
            ↻ {say(detailTexts.replay)}
          </button>
          <button
            type="button"
            class="small"
            onClick={() => {
              draft.value = request;
              go("#/trigger");
            }}
          >
            ✎ {say(detailTexts.edit)}
          </button>
        </>
      )}
      <span class="soft">{say(detailTexts.copy)}</span>
      <Copy what={detailTexts.copyCurl} text={curl} />
      <Copy what={detailTexts.copyCode} text={code} />
      <Copy what={detailTexts.copyAll} text={() => asText(exchange)} />
      <Copy what={detailTexts.copyLink} text={`${location.origin}/#/requests/${id}`} />
      <Copy what={detailTexts.requestId} text={headerOf(exchange.responseHeaders, "Request-ID")} />
      <DocsLink exchange={exchange} />
    </fieldset>
  );
}

function DocsLink({ exchange: { code, operationId } }: { exchange: ShownExchange }) {
  const isSignError = code === "SIGN_ERROR";
  if (!isSignError && operationId === undefined) return null;
  const part = isSignError ? "guide/sign-error" : `operation/${operationId}`;
  return (
    <a href={`/console/docs#${part}`} target="_blank" rel="noopener">
      {say(isSignError ? detailTexts.aboutSignError : detailTexts.operationDocs)}
    </a>
  );
}

function Copy({ what, text }: { what: Text; text: string | undefined | (() => string) }) {
  const name = `${say(detailTexts.copy)} ${say(what)}`;
  return text === undefined ? null : <CopyButton label={say(what)} name={name} text={text} />;
}

function curlOf(exchange: ShownExchange): string | undefined {
  const { method, path, requestHeaders } = exchange;
  if (start.value === undefined) return undefined;
  const sent = { method, path, body: sentOf(exchange), serial: headerOf(requestHeaders, "Wechatpay-Serial") };
  return curlScript(sent, start.value, location.origin);
}

function codeOf({ method, path, operationId, body }: ShownExchange): string | undefined {
  const operation = start.value?.operations.find((each) => each.operationId === operationId);
  return operation && clientCode(method, path, operation.path, body === "" ? undefined : body);
}
