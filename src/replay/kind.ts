import { SIM_KIND } from "../scenarios/pack.ts";
import type { PackKind, SoundPack } from "./types.ts";

const KINDS: Readonly<Record<string, PackKind>> = { [SIM_KIND]: "sim", transfer: "transfer", chaos: "chaos" };

/** What can run a pack again, by what its metadata says. */
export function kindOf({ metadata }: Pick<SoundPack, "metadata">): PackKind {
  const kind = metadata["kind"] ?? "";
  return Object.hasOwn(KINDS, kind) ? (KINDS[kind] ?? "unknown") : "unknown";
}
