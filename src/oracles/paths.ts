import type { TransferEvent } from "./events.ts";

// Path consistency. What the trace says of the ways to each chunk fits together:
//
//   - An attempt is chosen once, ever, and ends at most once, for the chunk and by the path that it was chosen for.
//     One that does not end is pending, which is quiescence's to say.
//   - A chunk is done once. A `repair` of it allows it to be done once more. A blob that starts again, or comes in
//     one piece from then on, is a `repair` of its chunks.
//   - A path that was dropped is not chosen again. What it had begun may still end, either way.
//
// Not asked here: whether a path was dropped for wrong bytes, since a trace says that only in prose. Bytes are the
// digest's matter: no blob gets its name without one. A repaired chunk need not be done again: the bytes that were
// there may turn out to be the right ones.

interface Attempt {
  readonly chunk: string;
  readonly path: string;
  ended: boolean;
}

/** True when all outcomes fit together. */
export function pathsConsistent(events: readonly TransferEvent[]): boolean {
  const attempts = new Map<string, Attempt>();
  const done = new Set<string>();
  const dropped = new Set<string>();
  for (const { kind, data } of events) {
    if (kind === "path_dropped") dropped.add(data.path);
    else if (kind === "repair") done.delete(data.chunk);
    else if (kind === "path_chosen") {
      if (attempts.has(data.attempt) || dropped.has(data.path)) return false;
      attempts.set(data.attempt, { chunk: data.chunk, path: data.path, ended: false });
    } else if (kind === "path_done" || kind === "path_failed" || kind === "race_lost") {
      const attempt = attempts.get(data.attempt);
      if (attempt === undefined || attempt.ended) return false;
      if (attempt.chunk !== data.chunk || attempt.path !== data.path) return false;
      attempt.ended = true;
      if (kind !== "path_done") continue;
      if (done.has(data.chunk)) return false;
      done.add(data.chunk);
    }
  }
  return true;
}
