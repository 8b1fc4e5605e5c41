import { type Choice, chooseDevice } from "../../device/choose.ts";
import { findCuda } from "../../device/cuda.ts";
import type { CudaFound } from "../../device/types.ts";
import { parseDeviceWord } from "../../device/word.ts";
import { printable } from "../../reports/printable.ts";
import { nodeProbeWorld } from "../../world/node/probe-world.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { loadConfig } from "../config/load.ts";
import type { AprContext } from "../context.ts";

/** A settled choice; null where no device was asked for. */
export interface Chosen {
  readonly word: string;
  readonly choice: Choice;
}

/**
 * Settles `--device`, `APR_DEVICE` or the config file's device, in this order, before anything is made. Throws
 * `AprError`: `usage` for a malformed word, `device-unavailable` for a device that is not there. A fallback of `auto`
 * is said once, on stderr.
 */
export async function chosenDevice(
  context: AprContext,
  flag: string | undefined,
  known?: CudaFound,
): Promise<Chosen | null> {
  const place = { files: nodeProbeWorld.files, env: context.env, folder: workingFolder() };
  const config = await loadConfig(place, flag === undefined ? {} : { device: flag });
  const word = config.device.value;
  if (word === null) return null;
  const look = (): Promise<CudaFound> =>
    known === undefined ? findCuda(nodeProbeWorld, config.probe_timeout.value) : Promise.resolve(known);
  const choice = await chooseDevice(parseDeviceWord(word), look);
  if (choice.warning !== null) context.err(`apr: warning ${printable(JSON.stringify(choice.warning))}\n`);
  return { word, choice };
}

/** What a chosen device means to the program that runs: it sees that one and no other. */
export function deviceEnv(chosen: Chosen | null): Record<string, string> {
  if (chosen === null) return {};
  const { choice } = chosen;
  if (choice.kind !== "cuda") return { APR_DEVICE: "cpu", CUDA_VISIBLE_DEVICES: "" };
  // Its index among the visible devices would mean another one where the variable is set already: its id does not.
  const { uuid, index } = choice.device;
  return uuid === null
    ? { APR_DEVICE: `cuda:${index}` }
    : { APR_DEVICE: "cuda:0", CUDA_VISIBLE_DEVICES: uuid };
}
