import { familyError } from "../../server/refusals.js";

/** A movement of money (资金流水) in the merchant's account. */
export interface Movement {
  at: number;
  /** In fen; what goes out is below 0. */
  amount: number;
  /** 业务名称, which is the 业务类型 as well. */
  business: "交易" | "退款" | "商家转账";
  /** 微信支付业务单号 */
  businessNo: string;
  /** 资金流水单号 */
  flowNo: string;
  /** 业务凭证号: the merchant's own number. */
  voucher: string;
  note: string;
}

/** What the account holds at the start: a million yuan, in fen. */
export const OPENING = 100_000_000;

/** The merchant's account (基本账户), whose movements others tell. */
export class Account {
  readonly #sources: (() => Movement[])[] = [];

  addSource(source: () => Movement[]): void {
    this.#sources.push(source);
  }

  /** In the order of their times. */
  movements(): Movement[] {
    return this.#sources.flatMap((source) => source()).sort((a, b) => a.at - b.at);
  }

  /** @throws {Refusal} 403 `NOT_ENOUGH` if the account holds less. */
  requireFunds(amount: number): void {
    const balance = this.movements().reduce((sum, movement) => sum + movement.amount, OPENING);
    if (balance >= amount) return;
    const en = `The account holds ${yuan(balance)} yuan, less than ${yuan(amount)}.`;
    throw familyError(403, "NOT_ENOUGH", "余额不足", en, `：账户有 ${yuan(balance)} 元，少于 ${yuan(amount)} 元`);
  }
}

/** Fen as yuan, such as `0.01`. */
export function yuan(fen: number): string {
  return (fen / 100).toFixed(2);
}
