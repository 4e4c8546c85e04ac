import { ask } from "../actions.js";
import { CopyButton } from "../copy-button.js";
import { say } from "../language.js";
import { go } from "../route.js";
import { start } from "../store.js";
import { texts } from "../texts.js";
import { detailTexts } from "./texts.js";

/** The example that shows most: what this package began with. */
const FIRST = "preOrderAuthentication";

/** What to do where nothing has arrived yet. */
export function Empty() {
  const operations = start.value?.operations ?? [];
  const operation =
    operations.find(({ operationId }) => operationId === FIRST) ??
    operations.find(({ examples }) => examples.length > 0);
  return (
    <div class="empty">
      <h2>{say(detailTexts.empty)}</h2>
      <p class="row">
        <span class="soft">{say(texts.address)}</span>
        <code>{location.origin}</code>
        <CopyButton label={say(texts.copyAddress)} text={location.origin} />
      </p>
      <ol>
        {operation && (
          <li>
            <button
              type="button"
              class="primary"
              onClick={() => sendExample(operation.operationId, operation.examples[0])}
            >
              {say(detailTexts.sendExample)}
            </button>
            <p class="soft">{say(detailTexts.sendExampleHow)}</p>
          </li>
        )}
        <li>
          <a class="button" href="#/connect">
            {say(texts.connect)}
          </a>
          <p class="soft">{say(detailTexts.connectHow)}</p>
        </li>
        <li>
          <a class="button" href="/console/docs" target="_blank" rel="noopener">
            {say(texts.docs)}
          </a>
          <p class="soft">{say(detailTexts.docsHow)}</p>
        </li>
      </ol>
    </div>
  );
}

async function sendExample(operationId: string, example: string | undefined): Promise<void> {
  const request = await ask({ action: "example", operationId, ...(example && { example }) });
  if (request === undefined) return;
  const id = await ask({ action: "send", ...JSON.parse(request) });
  if (id !== undefined) go(`#/requests/${id}`);
}
