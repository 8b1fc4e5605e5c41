import type { Step } from "./trace.ts";

// Which two events of a sound trace may not change places: the documented rules, written once more as a relation.
// Whatever it does not name is harmless, and the oracles must let it pass.

/** True when `after` in front of `before` is a violation. */
export function mustPrecede(before: Step, after: Step): boolean {
  return (
    regions(before, after) ||
    obligations(before, after) ||
    ways(before, after) ||
    records(before, after) ||
    exposure(before, after)
  );
}

function regions([kind, data]: Step, [later, other]: Step): boolean {
  if (kind === "region_created")
    return ["spawn", "region_cancelled", "region_close_complete"].includes(later);
  if (kind === "spawn")
    return later === "region_close_complete" || (later === "complete" && other.task === data.task);
  return later === "region_close_complete" && (kind === "complete" || kind === "region_cancelled");
}

function obligations([kind, data]: Step, [later, other]: Step): boolean {
  return kind === "reserve" && (later === "commit" || later === "abort") && data.id === other.id;
}

function ways([kind, data]: Step, [later, other]: Step): boolean {
  if (kind === "path_chosen") {
    if (later === "path_done" || later === "path_failed" || later === "race_lost")
      return other.attempt === data.attempt;
    return later === "path_dropped" && other.path === data.path;
  }
  if (kind === "path_done") return later === "repair" && other.chunk === data.chunk;
  return kind === "repair" && later === "path_done" && other.chunk === data.chunk;
}

function records([kind, data]: Step, [later, other]: Step): boolean {
  if (kind === "journal_opened") return later === "checkpoint";
  if (kind === "checkpoint") return later === "checkpoint" && data.seq < other.seq;
  return kind === "manifest" && (later === "manifest" || later === "published");
}

function exposure([kind, data]: Step, [later, other]: Step): boolean {
  const ofManifest = later === "published" || (later === "exposed" && other.what === "manifest");
  if (kind === "hashed") {
    if (later === "hashed") return other.blob === data.blob;
    if (later === "exposed" && other.what === "blob") return other.name === data.blob && isGood(data);
    return ofManifest && isGood(data);
  }
  if (kind === "exposed") return data.what === "blob" && later === "exposed" && other.what === "manifest";
  if (kind === "path_done" && later === "hashed") {
    return isGood(other) && data.chunk.startsWith(`${other.blob}#`);
  }
  return ofManifest && (kind === "path_done" || kind === "path_failed" || kind === "race_lost");
}

function isGood({
  expected,
  actual,
}: {
  readonly expected: string | null;
  readonly actual: string;
}): boolean {
  return expected === null || expected === actual;
}
