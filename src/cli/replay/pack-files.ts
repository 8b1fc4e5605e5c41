import { dirname } from "node:path";
import {
  JOURNAL_DIGEST,
  LEDGER,
  MANIFEST,
  PATH_LOG,
  QUIC_LOG,
  REPAIR_LOG,
  TRACE,
} from "../../crashpack/names.ts";
import { ReplayError } from "../../replay/errors.ts";
import { absolute } from "../store/open.ts";

/** The files of a pack that its script names. */
export interface PackFileFlags {
  readonly traceFile?: string;
  readonly manifest?: string;
  readonly journalDigest?: string;
  readonly evidenceLedger?: string;
  readonly pathlog?: string;
  readonly quiclog?: string;
  readonly repairlog?: string;
}

const NAMES: readonly (readonly [keyof PackFileFlags, string])[] = [
  ["traceFile", TRACE],
  ["manifest", MANIFEST],
  ["journalDigest", JOURNAL_DIGEST],
  ["evidenceLedger", LEDGER],
  ["pathlog", PATH_LOG],
  ["quiclog", QUIC_LOG],
  ["repairlog", REPAIR_LOG],
];

/**
 * The folder of the pack whose files were named; null when none was. A pack is one folder: files of several, or with
 * other names, are refused.
 */
export function packOfFiles(flags: PackFileFlags): string | null {
  let folder: string | null = null;
  for (const [flag, name] of NAMES) {
    const told = flags[flag];
    if (told === undefined) continue;
    const path = absolute(told);
    folder ??= dirname(path);
    if (path === absolute(`${folder}/${name}`)) continue;
    throw new ReplayError(
      "not-this-pack",
      `${JSON.stringify(told.slice(0, 200))} is not the ${name} of the pack in ${JSON.stringify(folder)}`,
      "a pack is one folder; give it as PACK",
    );
  }
  return folder;
}
