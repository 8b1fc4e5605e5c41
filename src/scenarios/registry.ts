import { cancel } from "./cancel.ts";
import { tagsAndGc } from "./tags-and-gc.ts";
import { changingSource } from "./changing-source.ts";
import { multiSource } from "./multi-source.ts";
import { pullsAndGc } from "./pulls-and-gc.ts";
import { pushWithMount } from "./push.ts";
import { resume } from "./resume.ts";
import { singlePull } from "./single-pull.ts";
import type { Scenario } from "./types.ts";

/** Every scenario, in the order in which `apr sim` lists them. */
export const scenarios: readonly Scenario[] = [
  singlePull,
  multiSource,
  resume,
  changingSource,
  pullsAndGc,
  pushWithMount,
  tagsAndGc,
  cancel,
];

export function findScenario(name: string): Scenario | null {
  return scenarios.find((each) => each.name === name) ?? null;
}
