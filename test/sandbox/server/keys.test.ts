import { createPublicKey } from "node:crypto";
import { expect, test, vi } from "vitest";

type Keys = typeof import("../../../src/sandbox/server/keys.js");

test("every pair of keys is a new one, of RSA with 2048 bits", async () => {
  // Sandboxes in tests have keys that were made before.
  const { generateKeyPair, toDer } = await vi.importActual<Keys>("../../../src/sandbox/server/keys.js");
  const made = await Promise.all([generateKeyPair(), generateKeyPair()]);
  const ders = await Promise.all(made.map(({ publicKey }) => toDer(publicKey)));
  expect(ders[0]).not.toEqual(ders[1]);
  for (const der of ders) {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({
      key: der as never,
      format: "der",
      type: "spki",
    });
    expect({ asymmetricKeyType, asymmetricKeyDetails }).toEqual({
      asymmetricKeyType: "rsa",
      asymmetricKeyDetails: { modulusLength: 2048, publicExponent: 65537n },
    });
  }
});
