import { isJsonArray, isJsonObject, type Json, stringifyJson } from "../base/json.ts";
import { parsed } from "./dsse.ts";

// in-toto Statement, version 1: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md

const STATEMENT = "https://in-toto.io/Statement/v1";
/** The statement says no more than that these files belong together. */
const PREDICATE = "urn:apr:attestation:folder:v1";

export interface Subject {
  /** Path in the folder, with slashes. */
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** The payload's bytes; subjects in the order of their names. */
export function statementBytes(subjects: readonly Subject[]): Uint8Array {
  const inOrder = [...subjects].sort((a, b) => (a.name < b.name ? -1 : 1));
  const statement = {
    _type: STATEMENT,
    subject: inOrder.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: PREDICATE,
    predicate: { complete: true },
  };
  return Buffer.from(stringifyJson(statement), "utf8");
}

/** The subjects of a statement about a folder; null when it is none, or names a file twice. */
export function readStatement(payload: Uint8Array): readonly Subject[] | null {
  const value = parsed(Buffer.from(payload).toString("utf8"));
  if (!isJsonObject(value) || value["_type"] !== STATEMENT || value["predicateType"] !== PREDICATE)
    return null;
  const list = value["subject"];
  if (!isJsonArray(list)) return null;
  const subjects = list.map(readSubject).filter((subject) => subject !== null);
  const names = new Set(subjects.map(({ name }) => name));
  return subjects.length === list.length && names.size === list.length ? subjects : null;
}

function readSubject(value: Json): Subject | null {
  if (!isJsonObject(value)) return null;
  const { name, digest } = value;
  if (typeof name !== "string" || name === "" || !isJsonObject(digest)) return null;
  const sha256 = digest["sha256"];
  return typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256) ? { name, sha256 } : null;
}
