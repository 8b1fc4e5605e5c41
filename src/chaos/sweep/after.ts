import { type ContentState, contentState } from "../../observe/content.ts";
import type { FileFacts } from "../../world/files.ts";
import type { Slot } from "../slot.ts";
import type { Station } from "./station.ts";

/** A slot with more entries is not looked through. */
const MAX_ENTRIES = 20_000;
/** Larger outputs are read in pieces. */
const QUICK_BYTES = 32 * 1024 * 1024;
/** Of stderr, for messages; of the trace, whose end says how the run ended. */
const STDERR_BYTES = 64 * 1024;
const TRACE_BYTES = 64 * 1024 * 1024;
const STDOUT_SHOWN_BYTES = 4096;

/** The rest of a slot after one run. */
export interface After {
  readonly output: ContentState | null;
  readonly strays: readonly string[];
  readonly state: readonly string[];
  readonly stdout: { readonly sizeBytes: number; readonly sha256: string; readonly head: string };
  readonly stderr: string;
  /** Nothing but empty folders and the untouched model: as before the run. */
  readonly pristine: boolean;
  /** Stands for all that lies there, so that the same state need not be looked at twice. */
  readonly key: string;
}

const FOLDERS = ["work", "out", "home", "tmp"] as const;
const ALL_FOLDERS = [...FOLDERS, "notes"];

export async function lookAfter(station: Station): Promise<After> {
  const { slot } = station;
  const { quick } = slot.world;
  const entries = quick.tree(slot.hostFolder, MAX_ENTRIES);
  const shared = slot.cell.confined ? quick.names(slot.cell.view("/dev/shm")) : [];
  const model = below(entries, "model");
  const strays = slot.straysIn(entries, { entries: model }, shared);
  const own = [...entries].filter(([path]) => !path.startsWith("notes") && !isSlotFolder(path));
  const fresh = slot.model === null ? model.size === 0 : slot.model.isFresh(model);
  const whole = ALL_FOLDERS.every((folder) => entries.get(folder)?.kind === "folder");
  const pristine = whole && fresh && shared.length === 0 && own.every(([path]) => path.startsWith("model"));
  const output = pristine ? await absentOutput(slot) : await outputOf(station);
  return {
    output,
    strays,
    state: pristine ? [] : await slot.state(),
    stdout: stdoutOf(station),
    stderr: text(quick.head(station.host(station.stderrFile), STDERR_BYTES)),
    pristine,
    key: pristine ? "" : keyOf(station, own, shared),
  };
}

export function traceOf(station: Station): string {
  const bytes = station.slot.world.quick.tail(station.host(station.traceFile), TRACE_BYTES);
  return bytes === null ? "" : Buffer.from(bytes).toString("latin1");
}

/** Back to the start. Costs next to nothing when the last run left nothing. */
export async function cleanUp(station: Station, after: After): Promise<void> {
  if (after.pristine) return;
  const { slot } = station;
  for (const folder of FOLDERS) slot.world.quick.empty(`${slot.hostFolder}/${folder}`);
  const notes = `${slot.hostFolder}/notes`;
  if (slot.world.quick.facts(notes)?.kind !== "folder") slot.world.quick.empty(notes);
  if (slot.cell.confined) slot.world.quick.empty(slot.cell.view("/dev/shm"));
  await slot.model?.refresh();
}

function below(entries: ReadonlyMap<string, FileFacts>, folder: string): Map<string, FileFacts> {
  const start = `${folder}/`;
  const found = new Map<string, FileFacts>();
  for (const [path, facts] of entries) if (path.startsWith(start)) found.set(path.slice(start.length), facts);
  return found;
}

function isSlotFolder(path: string): boolean {
  return path === "model" || (FOLDERS as readonly string[]).includes(path);
}

/** The output may be named through a folder that is always there. */
async function absentOutput(slot: Slot): Promise<ContentState | null> {
  return slot.outputPath === null ? null : slot.output();
}

async function outputOf(station: Station): Promise<ContentState | null> {
  const { slot } = station;
  const path = slot.outputPath;
  if (path === null) return null;
  const host = station.host(path);
  const facts = slot.world.quick.facts(host);
  if (facts?.kind !== "file") return slot.output();
  if (facts.sizeBytes > QUICK_BYTES) return contentState(slot.world, host);
  const { inode, mode, sizeBytes } = facts;
  const sha256 = digest(station, slot.world.quick.head(host, sizeBytes));
  return { kind: "file", sha256, size_bytes: sizeBytes, inode, mode };
}

function digest({ slot }: Station, bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  const hasher = slot.world.hash.sha256();
  hasher.update(bytes);
  return hasher.hex();
}

function stdoutOf(station: Station): After["stdout"] {
  const bytes = station.slot.world.quick.head(station.host(station.stdoutFile), QUICK_BYTES);
  if (bytes === null || bytes.length === 0) return { sizeBytes: 0, sha256: "", head: "" };
  return {
    sizeBytes: bytes.length,
    sha256: digest(station, bytes) ?? "",
    head: text(bytes.subarray(0, STDOUT_SHOWN_BYTES)),
  };
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? "" : Buffer.from(bytes).toString("utf8");
}

/** Paths, kinds, modes and contents; no times, which are new each time. */
function keyOf(
  station: Station,
  own: readonly (readonly [string, FileFacts])[],
  shared: readonly string[],
): string {
  const { slot } = station;
  const hasher = slot.world.hash.sha256();
  for (const [path, facts] of own) {
    hasher.update(`${path}\0${facts.kind}\0${facts.sizeBytes}\0${facts.mode}\0`);
    if (facts.kind !== "file") continue;
    // What is too large to be read at once is told apart by its time.
    if (facts.sizeBytes > QUICK_BYTES) hasher.update(String(facts.modifiedNs));
    else hasher.update(slot.world.quick.head(`${slot.hostFolder}/${path}`, facts.sizeBytes) ?? "unreadable");
  }
  for (const name of shared) hasher.update(`\0${name}`);
  return hasher.hex();
}
