import { shellQuote } from "../../base/shellwords.ts";
import { ask } from "../ask.ts";
import type { DeviceWorld } from "../world.ts";
import type { EngineCommand } from "./inspect.ts";
import { askTorch } from "./torch.ts";
import type { EngineAnswer } from "./types.ts";

/** A CUDA build starts its runtime for this, which takes seconds on a cold machine. */
const LIST_LIMIT_MS = 20_000;

const NOTHING: EngineAnswer = {
  command: null,
  runtime: null,
  devices: [],
  cuda: null,
  builtFor: null,
  versions: {},
  note: null,
};

/** Asks an engine itself for its devices, where it can be asked. Runs it. */
export async function askEngine(world: DeviceWorld, command: EngineCommand): Promise<EngineAnswer> {
  if (command.path === null) return NOTHING;
  if (command.kind === "python") return askTorch(world, command.path);
  if (command.kind === "llama.cpp") return askLlama(world, command.path);
  return { ...NOTHING, note: "this engine lists no devices by itself: what it is linked with was looked at" };
}

async function askLlama(world: DeviceWorld, path: string): Promise<EngineAnswer> {
  const argv: readonly [string, ...string[]] = [path, "--list-devices"];
  const asked = await ask(world, argv, LIST_LIMIT_MS);
  const command = shellQuote(argv);
  if (asked.end !== "exited" || asked.code !== 0) {
    const how = asked.end === "exited" ? `exit ${asked.code}` : (asked.signal ?? asked.end);
    return { ...NOTHING, command, note: `it does not list its devices (${how})` };
  }
  const devices = parseListDevices(`${asked.stdout}\n${asked.stderr}`);
  if (devices === null) return { ...NOTHING, command, note: "what it printed is no list of devices" };
  const note = devices.length === 0 ? "it lists no CUDA device" : null;
  return { ...NOTHING, command, runtime: devices.length > 0, devices, note };
}

/** The CUDA devices of `llama-cli --list-devices`, each `index:name`; null where there is no list at all. */
export function parseListDevices(text: string): readonly string[] | null {
  const lines = text.split("\n");
  if (!lines.some((line) => line.startsWith("Available devices:"))) return null;
  return lines.flatMap((line) => {
    const found = /^\s+CUDA(\d{1,3}): (.*) \(\d+ MiB(?:, \d+ MiB free)?\)\s*$/.exec(line);
    return found === null ? [] : [`${found[1]}:${found[2]}`];
  });
}
