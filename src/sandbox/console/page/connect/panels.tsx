// What the tabs of "Connect" show: texts to copy and to keep as files.
import { environmentOf } from "../../../env-text.js";
import type { Connection } from "../../messages.js";
import { CopyButton } from "../copy-button.js";
import { language, say } from "../language.js";
import { pemsOf } from "./pem-files.js";
import type { Snippet } from "./snippets/snippet.js";
import { connectTexts } from "./texts.js";

export function EnvPanel({ connection }: { connection: Connection }) {
  return (
    <>
      <p class="soft">{say(connectTexts.envHow)}</p>
      <FileText name=".env" text={environmentOf(connection, location.origin)} />
    </>
  );
}

export function PemPanel({ connection }: { connection: Connection }) {
  const pems = pemsOf(connection);
  return (
    <>
      <p class="soft">{say(connectTexts.pemHow)}</p>
      <dl class="facts">
        {(["mchid", "serialNo", "apiV3Key"] as const).map((name) => (
          <Fact key={name} name={say(connectTexts[name])} value={connection[name]} />
        ))}
      </dl>
      {pems.every(({ file }) => !file.startsWith("wechatpay_")) && (
        <p class="soft">{say(connectTexts.noCertificate)}</p>
      )}
      {pems.map(({ file, text, what }) => (
        <section key={file} class="pem" aria-label={file}>
          <p class="soft">{say(...what)}</p>
          <FileText name={file} text={text} />
        </section>
      ))}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="row">
        <code>{value}</code>
        <CopyButton label={say(connectTexts.copy)} text={value} />
      </dd>
    </>
  );
}

export function SnippetPanel({ snippet: { file, how, code } }: { snippet: Snippet }) {
  return (
    <>
      <p class="soft">{say(how)}</p>
      <FileText name={file} text={code(language.value)} />
    </>
  );
}

/** A file: its text, to copy or to keep. */
function FileText({ name, text }: { name: string; text: string }) {
  return (
    <figure class="file">
      <figcaption class="row">
        <code>{name}</code>
        <CopyButton label={say(connectTexts.copy)} text={text} />
        <button type="button" class="small" onClick={() => download(name, text)}>
          {say(connectTexts.download)}
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  );
}

/** Has the browser keep a text as a file. It stays in this browser: no request is made. */
function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
