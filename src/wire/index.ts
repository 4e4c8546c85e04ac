import { setOutcome } from "../errors.js";
import { createDownload } from "../keys/certificates.js";
import type { Keyring } from "../keys/platform-key.js";
import { createPlatformKeys, type PlatformKeys } from "../keys/platform-keys.js";
import type { Settings } from "../options.js";
import { attempts } from "./attempts.js";
import type { Send } from "./call.js";
import { concurrency } from "./concurrency.js";
import { failover } from "./failover.js";
import { retry } from "./retry.js";
import { sending } from "./send.js";
import { signing } from "./sign.js";
import { timeout } from "./timeout.js";
import { verification } from "./verify.js";

/** The steps of a call, the outermost first: down through them to the network, and back up. */
function createWire(settings: Settings, keys: Keyring): Send {
  const way = [
    retry(settings),
    failover(settings),
    concurrency(settings),
    attempts(settings),
    timeout(settings),
    verification(keys, settings),
    signing(settings),
  ].reduceRight((next, step) => step(next), sending(settings));
  // Nothing signed leaves for an origin that was not configured: this one, or failover's.
  return async (call) => {
    const trace = { attempts: 0, sent: 0, lost: new Set() };
    const isWrite = call.method !== "GET";
    try {
      const response = await way({ ...call, origin: settings.origins[0], trace });
      const { status } = response;
      // Whatever the last attempt was answered, an earlier one may have arrived. 408 and 499 are a gateway's.
      const isUnknown = status >= 500 || [408, 499].includes(status) || (status >= 300 && trace.sent > 1);
      return isWrite && isUnknown ? { ...response, outcome: "unknown" } : response;
    } catch (error) {
      if (isWrite && trace.sent > 0) setOutcome(error, "unknown");
      throw error;
    }
  };
}

/** The platform keys of a merchant, given or downloaded, and the way of a call. */
export function connect(settings: Settings): { keys: PlatformKeys; send: Send } {
  const { apiV3Key, clock, platformKeys, serialNo, timeout: limit } = settings;
  // Every call may wait for a download of certificates, so it always has a time limit.
  const wire = (keys: Keyring) => createWire({ ...settings, timeout: limit || 10_000 }, keys);
  const download = apiV3Key && createDownload({ apiV3Key, clock, serialNo }, wire);
  const keys = createPlatformKeys(platformKeys, clock, serialNo, download);
  return { keys, send: createWire(settings, keys) };
}
