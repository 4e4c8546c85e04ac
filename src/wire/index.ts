import { createDownload } from "../keys/certificates.js";
import type { Keyring } from "../keys/platform-key.js";
import { createPlatformKeys, type PlatformKeys } from "../keys/platform-keys.js";
import type { Settings } from "../options.js";
import { attempts } from "./attempts.js";
import type { Send } from "./call.js";
import { failover } from "./failover.js";
import { retry } from "./retry.js";
import { sending } from "./send.js";
import { signing } from "./sign.js";
import { timeout } from "./timeout.js";
import { verification } from "./verify.js";

/** The way of a call, down to the network and back. It passes these from the first to the last, and its response from the last to the first. */
function createWire(settings: Settings, keys: Keyring): Send {
  return [
    retry(settings),
    failover(settings),
    attempts(settings),
    timeout(settings),
    verification(keys, settings),
    signing(settings),
  ].reduceRight<Send>((next, step) => step(next), sending(settings));
}

/** In ms: all calls may wait for a download of certificates, so it never takes for ever. */
const DOWNLOAD_TIMEOUT = 10_000;

/**
 * Connects a merchant to WeChat Pay: the platform keys, given or downloaded, and the way of a call.
 * @throws {TypeError} if there is neither a key nor a way to get one.
 * @throws {KeyError} naming the entry of `platformKeys` that cannot be used.
 */
export function connect(settings: Settings): { keys: PlatformKeys; send: Send } {
  const { apiV3Key, clock, origins, platformKeys, serialNo, timeout: limit } = settings;
  const wire = (keys: Keyring) => createWire({ ...settings, timeout: limit || DOWNLOAD_TIMEOUT }, keys);
  const keys = createPlatformKeys(platformKeys, {
    clock,
    merchantSerialNo: serialNo,
    download: apiV3Key && createDownload({ wire, origin: origins[0], apiV3Key, clock }),
  });
  return { keys, send: createWire(settings, keys) };
}
