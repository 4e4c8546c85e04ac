import type { ShownOperation, Text } from "../../messages.js";

/** What families are called, by the segments of a path after `/v3`. Others are called by their segment. */
const FAMILIES: readonly [segments: readonly string[], name: Text][] = [
  [["payroll-card", "partner-transfer"], { zh: "微工卡", en: "Payroll card" }],
  [["pay"], { zh: "支付", en: "Payments" }],
  [["refund"], { zh: "退款", en: "Refunds" }],
  [["bill", "billdownload"], { zh: "账单", en: "Bills" }],
  [["fund-app"], { zh: "商家转账", en: "Transfers to users" }],
  [["certificates"], { zh: "平台证书", en: "Platform certificates" }],
];

function familyOf({ path }: Pick<ShownOperation, "path">): Text {
  const [first = "", second = ""] = path.split("/").slice(1);
  const segment = first === "v3" ? second : first;
  const [, name] = FAMILIES.find(([segments]) => segments.includes(segment)) ?? [];
  return name ?? { zh: segment, en: segment };
}

/** Operations by family, both in the order in which they came. */
export function byFamily(operations: readonly ShownOperation[]): { name: Text; operations: ShownOperation[] }[] {
  const families = new Map<string, { name: Text; operations: ShownOperation[] }>();
  for (const operation of operations) {
    const name = familyOf(operation);
    const family = families.get(name.en) ?? { name, operations: [] };
    families.set(name.en, family);
    family.operations.push(operation);
  }
  return [...families.values()];
}
