import type { TransferEventKind } from "../../evidence/transfer-events.ts";
import type { TransferSignal } from "../../evidence/dependence.ts";
import { type Chance, drawn, type Step, type Story } from "./story.ts";

/** A bug that an engine could have, as it would show in its trace. */
export interface TraceDefect {
  /** Words with hyphens, unique. */
  readonly name: string;
  /** The check that exists for it. */
  readonly of: TransferSignal;
  /** What the engine does wrong. */
  readonly about: string;
  /** Changes the story at a place that chance draws; false when it has none. */
  readonly plant: (story: Story, chance: Chance) => boolean;
}

/** Does something to one event of these kinds, drawn among those that fit. */
export function toOne(
  kinds: TransferEventKind | readonly TransferEventKind[],
  act: (story: Story, at: number, chance: Chance) => void,
  where?: (step: Step, at: number, story: Story) => boolean,
): TraceDefect["plant"] {
  return (story, chance) => {
    const fits = where === undefined ? undefined : (step: Step, at: number) => where(step, at, story);
    const at = drawn(chance, story.places(kinds, fits));
    if (at === undefined) return false;
    act(story, at, chance);
    return true;
  };
}

/** Drops one event of these kinds. */
export function dropOne(kinds: TransferEventKind | readonly TransferEventKind[]): TraceDefect["plant"] {
  return toOne(kinds, (story, at) => story.drop(at));
}

/** Where the region of a task closes, after `from`; -1 when it does not. */
export function closeOf(story: Story, task: unknown, from: number): number {
  const [spawned] = story.places("spawn", (step, at) => at < from && step.data["task"] === task).slice(-1);
  if (spawned === undefined) return -1;
  const region = story.field(spawned, "region");
  const [closed = -1] = story.places(
    "region_close_complete",
    (step, at) => at > from && step.data["region"] === region,
  );
  return closed;
}
