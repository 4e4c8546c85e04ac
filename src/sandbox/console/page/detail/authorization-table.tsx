import type { Check } from "../../../server/verdicts.js";
import type { ShownExchange } from "../../messages.js";
import { distance, say } from "../language.js";
import { Fold, Section } from "../section.js";
import { start } from "../store.js";
import { shortened, visible } from "../text.js";
import { dateTimeOf } from "../time.js";
import { hasPassed } from "./checks.js";
import { detailTexts } from "./texts.js";

/** `Authorization`, read: each value with what the sandbox found of it. */
export function AuthorizationTable({ exchange, isFolded = false }: { exchange: ShownExchange; isFolded?: boolean }) {
  const { authorization, verdict, at } = exchange;
  if (authorization === undefined) return null;
  const { mchid, serial_no, timestamp, nonce_str, signature } = authorization;
  const own = (check: Check, right: string | undefined) => {
    const isRight = hasPassed(check, verdict);
    return isRight === false && right !== undefined
      ? [isRight, say(detailTexts.notOfSandbox, right)]
      : [isRight, isRight && say(detailTexts.ofSandbox)];
  };
  const isSigned = hasPassed("signature", verdict);
  const rows: [name: string, value: string, isRight: unknown, words: unknown][] = [
    ["mchid", mchid, ...own("mchid", start.value?.mchid)] as never,
    ["serial_no", serial_no, ...own("serial_no", start.value?.serialNo)] as never,
    ["timestamp", timestamp, hasPassed("clock", verdict), timeWords(timestamp, at)],
    ["nonce_str", nonce_str, undefined, undefined],
    [
      "signature",
      signature,
      isSigned,
      isSigned !== undefined && say(isSigned ? detailTexts.ofThisMessage : detailTexts.ofAnotherMessage),
    ],
  ];
  const table = (
    <table class="authorization">
      <tbody>
        {rows.map(([name, value, isRight, words]) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td>
              <code>{visible(shortened(value))}</code>
            </td>
            <td class={isRight === true ? "right" : isRight === false ? "wrong" : "soft"}>
              {isRight === true ? "✓ " : isRight === false ? "✗ " : ""}
              {words}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
  const title = say(detailTexts.authorization);
  return isFolded ? <Fold title={title}>{table}</Fold> : <Section title={title}>{table}</Section>;
}

/** With more between them, it is not the time in seconds, and the headline says what it is. In seconds. */
const A_YEAR = 31_536_000;

function timeWords(timestamp: string, at: number): string | undefined {
  const seconds = Number(timestamp);
  const away = seconds - Math.floor(at / 1000);
  if (!/^\d+$/.test(timestamp) || Math.abs(away) > A_YEAR) return undefined;
  const text = Math.abs(away) < 2 ? detailTexts.inTime : away > 0 ? detailTexts.ahead : detailTexts.behind;
  return say(detailTexts.timeAnd, dateTimeOf(seconds * 1000), say(text, distance(away * 1000)));
}
