import type { FOLDERS } from "../store/layout.ts";
import { STORE } from "./judge-store.ts";
import type { Stage } from "./stage.ts";

/** What a process that has ended by itself must not leave: work or transfers that bear its number. */
export function judgeLeftovers(stage: Stage, pid: number, number: number | null): void {
  for (const folder of ["ingest", "transfers"] as const) {
    for (const name of namesIn(stage, folder)) {
      if (name.split(".").includes(String(pid))) stage.broken("leftover", `${folder}/${name}`, number);
    }
  }
}

/** After every transfer has come to its end and a collection has run, nothing unfinished is left. */
export function judgeEmpty(stage: Stage): void {
  for (const folder of ["ingest", "transfers", "quarantine"] as const) {
    for (const name of namesIn(stage, folder)) stage.broken("leftover", `${folder}/${name}`);
  }
}

function namesIn({ sim }: Stage, folder: (typeof FOLDERS)[number]): string[] {
  return [...(sim.disk.find(`${STORE}/${folder}`)?.names.keys() ?? [])];
}
