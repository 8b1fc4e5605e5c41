import { isJsonArray, isJsonObject, type Json, parseJson, stringifyJson } from "../base/json.ts";
import { MAX_SIGNATURES } from "./limits.ts";

// Dead Simple Signing Envelope, version 1.0.2: https://github.com/secure-systems-lab/dsse

export const IN_TOTO = "application/vnd.in-toto+json";

export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly { readonly keyid: string | null; readonly sig: Uint8Array }[];
}

/** What is signed: the type and the payload with their lengths in bytes, so that neither can be taken for the other. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

export function envelopeText({ payloadType, payload, signatures }: Envelope): string {
  const document = {
    payload: Buffer.from(payload).toString("base64"),
    payloadType,
    signatures: signatures.map(({ keyid, sig }) => ({
      ...(keyid === null ? {} : { keyid }),
      sig: Buffer.from(sig).toString("base64"),
    })),
  };
  return `${stringifyJson(document)}\n`;
}

/** Reads an envelope; null when it is none. Fields that nobody knows are ignored, as the specification says. */
export function readEnvelope(text: string): Envelope | null {
  const value = parsed(text);
  if (!isJsonObject(value)) return null;
  const { payload, payloadType, signatures } = value;
  const bytes = base64(payload);
  if (bytes === null || typeof payloadType !== "string" || !isJsonArray(signatures)) return null;
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) return null;
  const read = signatures.map((signature) => {
    if (!isJsonObject(signature)) return null;
    const sig = base64(signature["sig"]);
    const keyid = signature["keyid"] ?? null;
    return sig === null || (keyid !== null && typeof keyid !== "string") ? null : { keyid, sig };
  });
  const whole = read.filter((signature) => signature !== null);
  return whole.length === read.length ? { payloadType, payload: bytes, signatures: whole } : null;
}

export function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Either alphabet, as the specification asks; bits that are left over must be zero. */
function base64(value: Json | undefined): Uint8Array | null {
  if (typeof value !== "string" || !/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(value)) return null;
  const bytes = Buffer.from(value, "base64");
  const plain = value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return bytes.toString("base64").replace(/=+$/, "") === plain ? bytes : null;
}
