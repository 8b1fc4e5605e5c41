import { stringifyJson, type Json } from "../../base/json.ts";
import type { NetHeaders, Outgoing } from "../../world/net.ts";

/** Error codes of the OCI distribution specification, 1.1. */
export type OciCode =
  | "BLOB_UNKNOWN"
  | "BLOB_UPLOAD_INVALID"
  | "BLOB_UPLOAD_UNKNOWN"
  | "DIGEST_INVALID"
  | "MANIFEST_BLOB_UNKNOWN"
  | "MANIFEST_INVALID"
  | "MANIFEST_UNKNOWN"
  | "NAME_INVALID"
  | "NAME_UNKNOWN"
  | "SIZE_INVALID"
  | "UNAUTHORIZED"
  | "DENIED"
  | "UNSUPPORTED"
  | "TOOMANYREQUESTS"
  /** Of CNCF's registry: the server's own trouble. */
  | "UNKNOWN";

/** What a request is refused with, in the specification's words. */
export function refuse(status: number, code: OciCode, message: string, headers: NetHeaders = {}): Outgoing {
  const body = `${stringifyJson({ errors: [{ code, message }] })}\n`;
  return { status, headers: { ...JSON_TYPE, ...headers }, body: textBody(body) };
}

/** 200 with a JSON document. */
export function answerJson(value: Json, headers: NetHeaders = {}): Outgoing {
  return { status: 200, headers: { ...JSON_TYPE, ...headers }, body: textBody(stringifyJson(value)) };
}

/** An answer that says all in its head. */
export function answerEmpty(status: number, headers: NetHeaders = {}): Outgoing {
  return { status, headers, ...(status === 204 || status === 304 ? {} : { body: textBody("") }) };
}

const JSON_TYPE = { "content-type": "application/json", "cache-control": "no-cache" } as const;

function textBody(text: string): NonNullable<Outgoing["body"]> {
  return { kind: "bytes", bytes: new TextEncoder().encode(text) };
}
