/** Why a signature is wrong. */
export interface SignatureCheck {
  /** The message whose signature WeChat Pay expects. */
  expected: string;
  /** The message that was signed, where it is found: a signature holds only its hash, so the usual mistakes are tried. */
  signed?: string;
  /** Where `signed` first differs from `expected`: an index of both. */
  differsAt?: number;
  /** The likely cause, and what is right: {@link ReceivedRequest.reason} and `advice`. */
  cause: { zh: string; en: string };
  /** What is right. */
  advice: { zh: string; en: string };
}
