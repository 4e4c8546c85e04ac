import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { State } from "../../messages.js";
import { Card } from "../card.js";
import { say } from "../language.js";
import { isOpen, openChecks, pairsOf } from "../state/pairs.js";
import { stateTexts } from "../state/texts.js";
import { now, state } from "../store.js";
import { visible } from "../text.js";
import { FaceCheckButtons, RecordButtons, RelationButtons } from "../user-actions.js";
import { panels } from "./texts.js";

/** Something that waits for its user. */
interface Waiting {
  key: string;
  group: string;
  name: string;
  buttons: ComponentChildren;
}

/** The user's part, without a request at hand. */
export function UserForm() {
  const chosen = useSignal("");
  const waiting = state.value === undefined ? [] : waitingIn(state.value, now.value);
  // What was chosen may be done by now.
  const [first] = waiting;
  const one = waiting.find(({ key }) => key === chosen.value) ?? first;
  const groups = [...new Set(waiting.map(({ group }) => group))];
  return (
    <Card title={say(panels.users)} how={say(panels.usersHow)}>
      {one === undefined ? (
        <p class="soft">{say(panels.usersNone)}</p>
      ) : (
        <>
          <label class="field">
            <span class="label">{say(panels.whose)}</span>
            <select
              value={one.key}
              onChange={({ currentTarget }) => {
                chosen.value = currentTarget.value;
              }}
            >
              {groups.map((group) => (
                <optgroup key={group} label={group}>
                  {waiting
                    .filter((each) => each.group === group)
                    .map(({ key, name }) => (
                      <option key={key} value={key}>
                        {name}
                      </option>
                    ))}
                </optgroup>
              ))}
            </select>
          </label>
          <div class="row" key={one.key}>
            {one.buttons}
          </div>
        </>
      )}
    </Card>
  );
}

function waitingIn(all: State, time: number): Waiting[] {
  return [
    ...openChecks(all, time).map(({ number }) => ({
      key: `check ${number}`,
      group: say(stateTexts.authentications),
      name: visible(number),
      buttons: <FaceCheckButtons number={number} />,
    })),
    ...all.records.filter(isOpen).map(({ kind, number }) => ({
      key: `${kind} ${number}`,
      group: say(stateTexts[kind]),
      name: visible(number),
      buttons: <RecordButtons kind={kind} number={number} />,
    })),
    ...pairsOf(all).map(({ openid, sub_mchid }) => ({
      key: JSON.stringify([openid, sub_mchid]),
      group: say(stateTexts.relations),
      name: `${visible(openid)} × ${visible(sub_mchid)}`,
      buttons: <RelationButtons openid={openid} sub_mchid={sub_mchid} />,
    })),
  ];
}
