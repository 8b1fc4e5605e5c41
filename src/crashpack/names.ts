import { MAX_NAME_BYTES, MAX_NAME_PARTS } from "./limits.ts";

export const TRACE = "transfer.atp-trace";
export const MANIFEST = "manifest";
export const JOURNAL = "journal";
export const JOURNAL_DIGEST = "journal.digest";
export const LEDGER = "evidence-ledger.json";
export const PATH_LOG = "pathlog";
export const QUIC_LOG = "quiclog";
export const REPAIR_LOG = "repairlog";
export const SCRIPT = "replay_command.sh";
/** Ours: every other file with its digest. */
export const SUMS = "SHA256SUMS";
/** A signature over all files of the folder (`apr proof sign`): it comes later, and is part of no pack. */
export const SIGNATURE = "proof.dsse.json";

/** The nine files of every pack, in the order in which the ledger names them. */
export const PACK_FILES = [
  TRACE,
  MANIFEST,
  JOURNAL,
  JOURNAL_DIGEST,
  LEDGER,
  PATH_LOG,
  QUIC_LOG,
  REPAIR_LOG,
  SCRIPT,
] as const;

const OWN: ReadonlySet<string> = new Set([...PACK_FILES, SUMS, SIGNATURE].map((name) => name.toLowerCase()));

/** Controls, a backslash (a separator elsewhere, an escape for `sha256sum`), halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Surrogate}\\\u2028\u2029]/u;

/** Why a further file may not have this name; null when it may. A name never leads out of the pack. */
export function nameProblem(name: string): string | null {
  if (name === "") return "is empty";
  if (UNSAFE.test(name)) return "holds a control character, a backslash or half a surrogate pair";
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`;
  const parts = name.split("/");
  if (parts.length > MAX_NAME_PARTS) return `has more than ${MAX_NAME_PARTS} parts`;
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return "is absolute, or has a part that is empty, . or ..";
  }
  // Not only the same name: on some disks upper case does not count.
  return OWN.has((parts[0] ?? "").toLowerCase()) ? "is a name of the pack's own" : null;
}

/** The first name that another one would need as a folder; null when all can stand side by side. */
export function nameInTheWay(names: readonly string[]): string | null {
  const all = new Set(names);
  for (const name of names) {
    const parts = name.split("/");
    for (let count = 1; count < parts.length; count++) {
      const above = parts.slice(0, count).join("/");
      if (all.has(above)) return above;
    }
  }
  return null;
}
