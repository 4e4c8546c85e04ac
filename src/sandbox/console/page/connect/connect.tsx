import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Connection } from "../../messages.js";
import { ask } from "../actions.js";
import { CopyButton } from "../copy-button.js";
import { say } from "../language.js";
import { EnvPanel, PemPanel, SnippetPanel } from "./panels.js";
import { SNIPPETS } from "./snippets/index.js";
import { Tabs } from "./tabs.js";
import { connectTexts } from "./texts.js";

const KEEP = "npx --no wechatpay sandbox --keys keys --env .env";

/** All that a client needs. The keys come when this view is opened, and are forgotten with it. */
export function Connect() {
  const connection = useSignal<Connection | undefined>(undefined);
  const isLoading = useSignal(true);
  async function load() {
    isLoading.value = true;
    const told = await ask({ action: "connect" });
    isLoading.value = false;
    if (told !== undefined) connection.value = JSON.parse(told);
  }
  useEffect(() => void load(), []);
  return (
    <div class="view panels">
      <h2>{say(connectTexts.title)}</h2>
      <p>{say(connectTexts.how, location.origin)}</p>
      {connection.value !== undefined && <Ways connection={connection.value} />}
      {connection.value === undefined && isLoading.value && <p class="soft">{say(connectTexts.loading)}</p>}
      {connection.value === undefined && !isLoading.value && (
        <p class="row">
          <span class="soft">{say(connectTexts.failed)}</span>
          <button type="button" onClick={() => void load()}>
            {say(connectTexts.retry)}
          </button>
        </p>
      )}
      <div class="keep">
        <p>{say(connectTexts.throwAway)}</p>
        <p>{say(connectTexts.keep)}</p>
        <div class="row">
          <code class="command">{KEEP}</code>
          <CopyButton label={say(connectTexts.copy)} text={KEEP} />
        </div>
      </div>
    </div>
  );
}

function Ways({ connection }: { connection: Connection }) {
  return (
    <Tabs
      label={say(connectTexts.tabs)}
      tabs={[
        { id: "env", name: ".env", show: () => <EnvPanel connection={connection} /> },
        { id: "pem", name: say(connectTexts.pem), show: () => <PemPanel connection={connection} /> },
        ...SNIPPETS.map((snippet) => ({
          id: snippet.id,
          name: snippet.name,
          show: () => <SnippetPanel snippet={snippet} />,
        })),
      ]}
    />
  );
}
