import { isJsonArray, isJsonObject, type Json } from "../base/json.ts";
import type { AgentTaskProofBundleBuilder } from "./builder.ts";
import { parsed } from "./dsse.ts";
import { AgentProofError } from "./errors.ts";
import type { FileReservationRecord, RemoteExecutionRecord } from "./types.ts";

/** What a command cannot show of its task, told by whoever ran it. */
export interface ToldFacts {
  readonly file_reservations: readonly FileReservationRecord[];
  readonly remote_executions: readonly RemoteExecutionRecord[];
  readonly not_validated: readonly string[];
}

const KEYS: readonly string[] = ["file_reservations", "remote_executions", "not_validated"];

/**
 * Reads such facts from JSON: an object with any of the three lists, in the form that the bundle has them. Throws
 * AgentProofError `bad-facts` with the field; how much a bundle holds is the builder's to say.
 */
export function readFacts(text: string): ToldFacts {
  const root = parsed(text);
  if (!isJsonObject(root)) throw bad("facts", "no JSON object");
  const unknown = Object.keys(root).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw bad(unknown.slice(0, 64), `no such list; there are ${KEYS.join(", ")}`);
  return {
    file_reservations: listOf(root["file_reservations"], "file_reservations", reservation),
    remote_executions: listOf(root["remote_executions"], "remote_executions", execution),
    not_validated: listOf(root["not_validated"], "not_validated", textOf),
  };
}

/** Tells a builder all of it. */
export function tellFacts(builder: AgentTaskProofBundleBuilder, facts: ToldFacts): void {
  for (const each of facts.file_reservations) builder.withFileReservation(each);
  for (const each of facts.remote_executions) builder.withRemoteExecution(each);
  for (const each of facts.not_validated) builder.withNotValidated(each);
}

function listOf<T>(value: Json | undefined, field: string, read: (value: Json, field: string) => T): T[] {
  if (value === undefined) return [];
  if (!isJsonArray(value)) throw bad(field, "no array");
  return value.map((each, index) => read(each, `${field}.${index}`));
}

function reservation(value: Json, field: string): FileReservationRecord {
  if (!isJsonObject(value)) throw bad(field, "no object");
  const { exclusive, holder, path, reason = null } = value;
  if (typeof exclusive !== "boolean") throw bad(`${field}.exclusive`, "neither true nor false");
  return {
    path: textOf(path, `${field}.path`),
    holder: textOf(holder, `${field}.holder`),
    exclusive,
    reason: reason === null ? null : textOf(reason, `${field}.reason`),
  };
}

function execution(value: Json, field: string): RemoteExecutionRecord {
  if (!isJsonObject(value)) throw bad(field, "no object");
  const { argv, exit_code: code = null, host, job = null } = value;
  const isCode = typeof code === "number" && Number.isInteger(code) && code >= 0 && code <= 255;
  if (code !== null && !isCode) throw bad(`${field}.exit_code`, "no exit status from 0 to 255");
  return {
    host: textOf(host, `${field}.host`),
    argv: listOf(argv ?? null, `${field}.argv`, textOf),
    exit_code: code,
    job: job === null ? null : textOf(job, `${field}.job`),
  };
}

function textOf(value: Json | undefined, field: string): string {
  if (typeof value === "string") return value;
  throw bad(field, "no text");
}

function bad(field: string, why: string): AgentProofError {
  return new AgentProofError(
    "bad-facts",
    `the facts of the task cannot be taken: ${field} is ${why}`,
    field,
    "see apr proof run --help, or docs/commands/proof.md",
  );
}
