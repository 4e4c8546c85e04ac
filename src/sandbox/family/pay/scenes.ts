import { isDeepStrictEqual } from "node:util";
import type { components } from "../../../../generated/pay/schema.js";
import { parameterError, ruleBroken } from "../../server/refusals.js";

/** From here on the payee's name is required, in fen. */
const NAMED_FROM = 200_000;

/**
 * What a scene demands, where an official page says so: the kinds of its reports, and what the user may be shown.
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4013774588, https://pay.weixin.qq.com/doc/v3/merchant/4013774589
 */
const SCENES = new Map([
  ["1000", { reports: ["活动名称", "奖励说明"], perceptions: ["活动奖励", "现金奖励"] }],
  ["1011", { reports: ["赔付原因"], perceptions: ["退款", "商家赔付"] }],
]);

/** The rules of a transfer that OpenAPI cannot express. */
export function checkTransfer(request: components["schemas"]["CreateTransferBillRequest"]): void {
  const { transfer_amount, user_name, transfer_scene_id, transfer_scene_report_infos, user_recv_perception } = request;
  if (transfer_amount >= NAMED_FROM && user_name === undefined) {
    const zh = `在 ${NAMED_FROM} 分及以上是必填的`;
    throw parameterError("/user_name", undefined, `is required from ${NAMED_FROM} fen on`, "body", { zh });
  }
  const scene = SCENES.get(transfer_scene_id);
  if (scene === undefined) return;
  const given = transfer_scene_report_infos.map(({ info_type }) => info_type);
  if (!isDeepStrictEqual(given.toSorted(), scene.reports.toSorted())) {
    const issue = `must be of the types ${scene.reports.join(", ")} in scene ${transfer_scene_id}, each once`;
    const zh = `在场景 ${transfer_scene_id} 下应为 ${scene.reports.join("、")} 各一个`;
    throw parameterError("/transfer_scene_report_infos", given, issue, "body", { zh });
  }
  if (user_recv_perception === undefined || scene.perceptions.includes(user_recv_perception)) return;
  throw ruleBroken(
    "用户收款感知不属于该场景",
    `Scene ${transfer_scene_id} shows ${scene.perceptions.join(" or ")}.`,
    `：场景 ${transfer_scene_id} 只有 ${scene.perceptions.join("、")}`,
  );
}
