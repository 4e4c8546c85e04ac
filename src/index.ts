export type { Chain } from "../generated/chain.js";
export { operations } from "../generated/operations.js";
export type * from "../generated/schema.js";
export type { DownloadableFile } from "./client/download.js";
export type { EncryptedText } from "./client/encrypt.js";
export type { Operation, Operations } from "./client/operations.js";
export { createWeChatPayClient } from "./client.js";
export {
  type AnyWeChatPayError,
  ApiError,
  EncryptionError,
  type EncryptionReason,
  type ErrorBody,
  type ErrorCode,
  KeyError,
  type KeyReason,
  type Outcome,
  outcomeOf,
  VerificationError,
  type VerificationReason,
  WeChatPayError,
} from "./errors.js";
export type { Decrypter, Signer } from "./keys/merchant-key.js";
export type { Attempt, RetryOptions, Transport, WireRequest, WireResponse } from "./network.js";
export type { NotificationRequest } from "./notification-request.js";
export {
  acknowledge,
  createNotificationReceiver,
  type Notification,
  type NotificationOf,
  type NotificationReceiverOptions,
  refuse,
  type UnknownNotification,
} from "./notifications.js";
export type { SigningOptions, TransportOptions, WeChatPayClientOptions } from "./options.js";
export {
  type AppPayment,
  type JsapiPayment,
  type MerchantTransferLaunch,
  type MiniProgramPayment,
  merchantTransferLaunch,
  type PaySign,
  type PaySignOptions,
  type PrepaidOrder,
  paySign,
  type TransferToConfirm,
} from "./pay-sign.js";
export {
  type PayrollCardAuthenticateParams,
  type PayrollCardAuthParams,
  type PayrollCardLaunch,
  type PayrollCardPage,
  payrollCardLaunch,
} from "./payroll-card.js";
export { signing } from "./signing.js";
export type {
  Call,
  CallInit,
  CallOptions,
  CallResult,
  ClientFunctions,
  WeChatPayClient,
} from "./types.js";
export { unwrap } from "./unwrap.js";
export { type MetaField, type NamedFile, type UploadFile, type UploadOf, upload } from "./upload.js";
