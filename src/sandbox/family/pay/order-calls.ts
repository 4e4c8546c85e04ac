import type { paths } from "../../../../generated/pay/schema.js";
import type { Behaviours } from "../../behaviours.js";
import { requireSigner } from "./numbers.js";
import type { Order, OrderRequest, Orders, Owner } from "./orders.js";
import { directTransaction, paidDirect, paidPartner, partnerTransaction, type TradeType } from "./transactions.js";

interface Told<Body> {
  body: Body;
  mchid: string;
}

/** The calls of orders: each is placed, queried and closed by a direct merchant or a service provider. */
export function orderCalls(orders: Orders): Behaviours<paths> {
  const place = ({ body, mchid }: Told<OrderRequest>, tradeType: TradeType): Order => {
    if ("sp_mchid" in body) requireSigner("sp_mchid", body.sp_mchid, mchid, "body");
    else requireSigner("mchid", body.mchid, mchid, "body");
    return orders.place(body, tradeType);
  };
  const prepay = (told: Told<OrderRequest>, tradeType: TradeType) => ({ prepay_id: place(told, tradeType).prepay.id });
  const h5 = (told: Told<OrderRequest>) => ({ h5_url: h5Url(place(told, "MWEB")) });
  const native = (told: Told<OrderRequest>) => ({ code_url: codeUrl(place(told, "NATIVE")) });

  return {
    "POST /v3/pay/transactions/jsapi": (told) => prepay(told, "JSAPI"),
    "POST /v3/pay/transactions/app": (told) => prepay(told, "APP"),
    "POST /v3/pay/transactions/h5": h5,
    "POST /v3/pay/transactions/native": native,
    "POST /v3/pay/partner/transactions/jsapi": (told) => prepay(told, "JSAPI"),
    "POST /v3/pay/partner/transactions/app": (told) => prepay(told, "APP"),
    "POST /v3/pay/partner/transactions/h5": h5,
    "POST /v3/pay/partner/transactions/native": native,
    "GET /v3/pay/transactions/id/{transaction_id}": ({ params: { path, query }, mchid }) => {
      const order = orders.findPaid(directOwner(query, mchid, "query"), path.transaction_id);
      return paidDirect(order, orders.stateOf(order));
    },
    "GET /v3/pay/transactions/out-trade-no/{out_trade_no}": ({ params: { path, query }, mchid }) => {
      const order = orders.find(directOwner(query, mchid, "query"), path.out_trade_no);
      return directTransaction(order, orders.stateOf(order));
    },
    "GET /v3/pay/partner/transactions/id/{transaction_id}": ({ params: { path, query }, mchid }) => {
      const order = orders.findPaid(partnerOwner(query, mchid, "query"), path.transaction_id);
      return paidPartner(order, orders.stateOf(order));
    },
    "GET /v3/pay/partner/transactions/out-trade-no/{out_trade_no}": ({ params: { path, query }, mchid }) => {
      const order = orders.find(partnerOwner(query, mchid, "query"), path.out_trade_no);
      return partnerTransaction(order, orders.stateOf(order));
    },
    "POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close": ({ params: { path }, body, mchid }) =>
      orders.close(directOwner(body, mchid, "body"), path.out_trade_no),
    "POST /v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close": ({ params: { path }, body, mchid }) =>
      orders.close(partnerOwner(body, mchid, "body"), path.out_trade_no),
  };
}

interface Partner {
  sp_mchid: string;
  sub_mchid: string;
}

function directOwner({ mchid }: { mchid: string }, signer: string, place: "query" | "body"): Owner {
  requireSigner("mchid", mchid, signer, place);
  return { mchid };
}

function partnerOwner({ sp_mchid, sub_mchid }: Partner, signer: string, place: "query" | "body"): Owner {
  requireSigner("sp_mchid", sp_mchid, signer, place);
  return { sp_mchid, sub_mchid };
}

// In the form of the documented examples. The same prepay session gives the same address.
const h5Url = ({ prepay }: Order) =>
  `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=${prepay.id}&package=${Number.parseInt(prepay.id.slice(-8), 16)}`;
const codeUrl = ({ prepay }: Order) => `weixin://wxpay/bizpayurl/up?pr=${prepay.id.slice(-10)}&groupid=00`;
