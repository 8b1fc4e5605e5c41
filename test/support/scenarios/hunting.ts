import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { plantedBundle } from "../plant.ts";
import type { Defect } from "./defects.ts";

const ENTRY = "test/support/scenarios/hunt.ts";
const run = promisify(execFile);

export interface Hunted {
  /** How many seeds were run, the one that found it included. */
  readonly seeds: number;
  readonly found: { readonly seed: string; readonly type: string; readonly detail: string } | null;
}

/** Runs a scenario from seed 0 on, with the defect in the engine, until something is broken. */
export async function hunt({ scenario, ...patch }: Defect, seeds: number): Promise<Hunted> {
  return huntIn(await plantedBundle(ENTRY, patch), scenario, 0, seeds);
}

/** A bundle of the engine as it is. */
export function soundBundle(): Promise<string> {
  return plantedBundle(ENTRY, null);
}

export async function huntIn(bundle: string, scenario: string, from: number, until: number): Promise<Hunted> {
  const { stdout } = await run(process.execPath, [bundle, scenario, String(from), String(until)]);
  return JSON.parse(stdout) as Hunted;
}
