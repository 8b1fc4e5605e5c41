import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import type { Signing } from "../sign.ts";

export const nodeSigning: Signing = {
  generate() {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    return { privatePem: privateKey, publicPem: publicKey };
  },
  sign(privatePem, data) {
    const key = privateKeyOf(privatePem);
    return key === null ? null : sign(null, data, key);
  },
  verify(publicPem, data, signature) {
    const key = publicKeyOf(publicPem);
    return key === null ? null : verify(null, data, key, signature);
  },
  keyId(pem) {
    const secret = privateKeyOf(pem);
    const key = secret === null ? publicKeyOf(pem) : createPublicKey(secret);
    if (key === null) return null;
    return createHash("sha256")
      .update(key.export({ type: "spki", format: "der" }))
      .digest("hex");
  },
};

function privateKeyOf(pem: string): KeyObject | null {
  return ed25519(() => createPrivateKey(pem));
}

/** A private key is refused, though Node would take its public half: nobody should hand it around. */
function publicKeyOf(pem: string): KeyObject | null {
  return pem.includes("PRIVATE KEY") ? null : ed25519(() => createPublicKey(pem));
}

function ed25519(read: () => KeyObject): KeyObject | null {
  try {
    const key = read();
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    return null;
  }
}
