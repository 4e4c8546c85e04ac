export type { components, paths } from "../generated/schema.js";
export {
  type Call,
  type CallInit,
  type CallOptions,
  type CallResult,
  createWeChatPayClient,
  unwrap,
  type WeChatPayClient,
  type WeChatPayClientOptions,
} from "./client.js";
export {
  type AnyWeChatPayError,
  ApiError,
  EncryptionError,
  type EncryptionReason,
  type ErrorBody,
  type ErrorCode,
  KeyError,
  type KeyReason,
  VerificationError,
  type VerificationReason,
  WeChatPayError,
} from "./errors.js";
export type { Decrypter } from "./middleware/encryption.js";
export type { Attempt, RetryOptions } from "./middleware/retry.js";
export { type Signer, type SigningOptions, signing } from "./middleware/signing.js";
export {
  acknowledge,
  createNotificationReceiver,
  type Notification,
  type NotificationReceiverOptions,
  refuse,
} from "./notifications.js";
export type { Operation, Operations } from "./operations.js";
export {
  type PayrollCardAuthenticateParams,
  type PayrollCardAuthParams,
  type PayrollCardLaunch,
  type PayrollCardPage,
  payrollCardLaunch,
} from "./payroll-card.js";
export type { TransportOptions } from "./transport.js";
