/** Ed25519 keys as PEM: the private one in PKCS #8, the public one in SPKI. */
export interface KeyPair {
  readonly privatePem: string;
  readonly publicPem: string;
}

/** Signatures. What is no Ed25519 key of the right half gives null. */
export interface Signing {
  generate(): KeyPair;
  sign(privatePem: string, data: Uint8Array): Uint8Array | null;
  verify(publicPem: string, data: Uint8Array, signature: Uint8Array): boolean | null;
  /** SHA-256 of the public key in SPKI DER, lower-case hex; of a private key that of its public half. */
  keyId(pem: string): string | null;
}
