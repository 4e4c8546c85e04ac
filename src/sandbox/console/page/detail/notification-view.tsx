import type { NotificationRow } from "../../messages.js";
import { ActionButton } from "../action-button.js";
import { CopyButton } from "../copy-button.js";
import { Icon } from "../icon.js";
import { Body } from "../json-view.js";
import { say } from "../language.js";
import { tookOf } from "../list/row.js";
import { colourOf } from "../list/rows.js";
import { Section } from "../section.js";
import { asText, visible } from "../text.js";
import { texts } from "../texts.js";
import { dateOf, preciseOf } from "../time.js";
import { detailTexts } from "./texts.js";

/** What was told to a `notify_url`, and what it answered. */
export function NotificationView({ notification }: { notification: NotificationRow & { seq: number } }) {
  const { event_type, url, resource, status, body, error, at, took } = notification;
  const isObject = typeof resource === "object" && resource !== null;
  return (
    <>
      <div class="topline">
        <span class={`chip ${colourOf(notification)}`}>
          <Icon name="mail" /> {visible(event_type)}
        </span>
        <time dateTime={new Date(at).toISOString()}>
          {dateOf(at)} {preciseOf(at)}
        </time>
        {status !== undefined && <span>{tookOf(took)}</span>}
        <div class="path-line">
          <code class="path">
            <b>POST</b> {visible(url)}
          </code>
        </div>
      </div>
      <h2>{headline(notification)}</h2>
      {error !== undefined && <p>{say(error)}</p>}
      <div class="row tools">
        {isObject && (
          <ActionButton action={{ action: "notify", url, event_type, resource }} done={() => say(detailTexts.resent)}>
            ↻ {say(detailTexts.resend)}
          </ActionButton>
        )}
      </div>
      <Section
        title={say(detailTexts.resource)}
        actions={<CopyButton label={say(texts.copyJson)} text={() => asText(resource)} />}
      >
        <Body body={resource} />
      </Section>
      {status !== undefined && (
        <Section title={say(detailTexts.answer)}>
          <Body body={body} />
        </Section>
      )}
    </>
  );
}

function headline({ status, error }: NotificationRow): string {
  if (status === undefined) return say(error === undefined ? detailTexts.pending : detailTexts.notSent);
  return say(status < 300 ? detailTexts.delivered : detailTexts.notAccepted, status);
}
