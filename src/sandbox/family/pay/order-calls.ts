import type { paths } from "../../../../generated/pay/schema.js";
import type { Behaviours } from "../../behaviours.js";
import type { Order, OrderRequest, Orders, Owner, TradeType } from "./orders.js";
import { directTransaction, paidDirect, paidPartner, partnerTransaction } from "./transactions.js";

interface Told {
  body: OrderRequest;
}

/** The calls of orders: each is placed, queried and closed by a direct merchant or a service provider. */
export function orderCalls(orders: Orders): Behaviours<paths> {
  const prepay = (tradeType: TradeType) => (told: Told) => ({
    prepay_id: orders.place(told.body, tradeType).prepay.id,
  });
  const h5 = (told: Told) => ({ h5_url: h5Url(orders.place(told.body, "MWEB")) });
  const native = (told: Told) => ({ code_url: codeUrl(orders.place(told.body, "NATIVE")) });

  return {
    "POST /v3/pay/transactions/jsapi": prepay("JSAPI"),
    "POST /v3/pay/transactions/app": prepay("APP"),
    "POST /v3/pay/transactions/h5": h5,
    "POST /v3/pay/transactions/native": native,
    "POST /v3/pay/partner/transactions/jsapi": prepay("JSAPI"),
    "POST /v3/pay/partner/transactions/app": prepay("APP"),
    "POST /v3/pay/partner/transactions/h5": h5,
    "POST /v3/pay/partner/transactions/native": native,
    "GET /v3/pay/transactions/id/{transaction_id}": ({ params: { path, query } }) => {
      const order = orders.findPaid(directOwner(query), path.transaction_id);
      return paidDirect(order, orders.stateOf(order));
    },
    "GET /v3/pay/transactions/out-trade-no/{out_trade_no}": ({ params: { path, query } }) => {
      const order = orders.find(directOwner(query), path.out_trade_no);
      return directTransaction(order, orders.stateOf(order));
    },
    "GET /v3/pay/partner/transactions/id/{transaction_id}": ({ params: { path, query } }) => {
      const order = orders.findPaid(partnerOwner(query), path.transaction_id);
      return paidPartner(order, orders.stateOf(order));
    },
    "GET /v3/pay/partner/transactions/out-trade-no/{out_trade_no}": ({ params: { path, query } }) => {
      const order = orders.find(partnerOwner(query), path.out_trade_no);
      return partnerTransaction(order, orders.stateOf(order));
    },
    "POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close": ({ params: { path }, body }) =>
      orders.close(directOwner(body), path.out_trade_no),
    "POST /v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close": ({ params: { path }, body }) =>
      orders.close(partnerOwner(body), path.out_trade_no),
  };
}

const directOwner = ({ mchid }: { mchid: string }): Owner => ({ mchid });
const partnerOwner = ({ sp_mchid, sub_mchid }: { sp_mchid: string; sub_mchid: string }): Owner => ({
  sp_mchid,
  sub_mchid,
});

// In the form of the documented examples. The same prepay session gives the same address.
const h5Url = ({ prepay }: Order) =>
  `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=${prepay.id}&package=${Number.parseInt(prepay.id.slice(-8), 16)}`;
const codeUrl = ({ prepay }: Order) => `weixin://wxpay/bizpayurl/up?pr=${prepay.id.slice(-10)}&groupid=00`;
