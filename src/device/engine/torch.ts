import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from "../../base/json.ts";
import { shellQuote } from "../../base/shellwords.ts";
import { ask } from "../ask.ts";
import type { DeviceWorld } from "../world.ts";
import type { EngineAnswer } from "./types.ts";

/** Importing torch takes seconds, and more on a cold disk. */
const IMPORT_LIMIT_MS = 60_000;
const MARK = "APR-TORCH ";

/** Prints one marked line: libraries print lines of their own while they are imported. */
const SCRIPT = `
import json, importlib.metadata
facts = {"torch": None}
try:
    facts["vllm"] = importlib.metadata.version("vllm")
except Exception:
    facts["vllm"] = None
try:
    import torch
    facts["torch"] = torch.__version__
    facts["cuda"] = torch.version.cuda
    facts["hip"] = getattr(torch.version, "hip", None)
    facts["available"] = torch.cuda.is_available()
    count = torch.cuda.device_count() if facts["available"] else 0
    facts["devices"] = [torch.cuda.get_device_name(index) for index in range(min(count, 64))]
except ImportError as error:
    facts["error"] = str(error)[:300]
except Exception as error:
    facts["error"] = type(error).__name__ + ": " + str(error)[:300]
print("\\n${MARK}" + json.dumps(facts))
`;

/** Asks a Python for its torch, in a folder where no file of a project can pose as one. */
export async function askTorch(world: DeviceWorld, python: string): Promise<EngineAnswer> {
  const { end, stdout, signal } = await ask(world, [python, "-c", SCRIPT], IMPORT_LIMIT_MS);
  const line = stdout
    .split("\n")
    .findLast((text) => text.startsWith(MARK))
    ?.slice(MARK.length);
  const command = shellQuote([python, "-c", "import torch; …"]);
  const facts = line === undefined ? null : document(line);
  if (facts !== null) return { command, ...torchAnswer(facts) };
  const note = `this Python gave no answer (${end === "signal" ? signal : end})`;
  return { command, runtime: null, devices: [], cuda: null, builtFor: null, versions: {}, note };
}

function document(line: string): JsonObject | null {
  try {
    const value = parseJson(line);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Reads the marked line's document. */
export function torchAnswer(facts: JsonObject): Omit<EngineAnswer, "command"> {
  const { torch, vllm, cuda, hip, available, devices, error } = facts;
  const texts = (value: Json | undefined): string[] =>
    isJsonArray(value) ? value.filter((each) => typeof each === "string") : [];
  const versions = Object.fromEntries(
    Object.entries({ torch, vllm, hip }).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
  const builtFor = typeof cuda === "string" ? cuda : null;
  const note =
    typeof error === "string" ? error : available === true ? null : "torch.cuda.is_available() is false";
  return {
    runtime: typeof available === "boolean" ? available && builtFor !== null : null,
    devices: texts(devices).map((name, index) => `${index}:${name}`),
    cuda: typeof torch === "string" ? builtFor !== null : null,
    builtFor,
    versions,
    note,
  };
}
