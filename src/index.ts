export type { paths } from "../generated/schema.js";
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
export { type Signer, type SigningOptions, signing } from "./middleware/signing.js";
export type { Operation, Operations } from "./operations.js";
export {
  type PayrollCardAuthenticateParams,
  type PayrollCardAuthParams,
  type PayrollCardLaunch,
  type PayrollCardPage,
  payrollCardLaunch,
} from "./payroll-card.js";
