import { basename, dirname, join } from "node:path";
import type { DeviceWorld } from "../world.ts";
import { type LinkedCuda, linkedCuda, loadableCuda, majorOf } from "./libraries.ts";
import { findTorch } from "./python.ts";
import type { EngineBuild, EngineKind } from "./types.ts";

/** Bytes of a script's first line that are read. */
const SHEBANG_BYTES = 256;

/** An engine's command taken apart. */
export interface EngineCommand {
  readonly words: readonly [string, ...string[]];
  readonly kind: EngineKind;
  /** The program's full path; for a script of Python the interpreter's. Null where it is not there. */
  readonly path: string | null;
  readonly line: string;
}

/** Finds out what kind of engine a command is. Nothing is run. */
export async function resolveEngine(
  world: DeviceWorld,
  words: readonly [string, ...string[]],
  line: string,
): Promise<EngineCommand> {
  const [program] = words;
  const path = (await world.processes.find(program, world.env["PATH"] ?? "")) ?? null;
  if (path === null) return { words, kind: kindOf(basename(program)), path, line };
  const interpreter = await pythonOf(world, path);
  if (interpreter !== null) return { words, kind: "python", path: interpreter, line };
  return { words, kind: kindOf(basename(path)), path, line };
}

function kindOf(name: string): EngineKind {
  if (/^python[\d.]*$/.test(name)) return "python";
  if (name === "ollama") return "ollama";
  return /^(?:llama-|llama\.cpp|main$|server$)/.test(name) ? "llama.cpp" : "program";
}

/** The interpreter of a Python script, such as the `vllm` command. */
async function pythonOf(world: DeviceWorld, path: string): Promise<string | null> {
  const real = await world.files.realPath(path).catch(() => path);
  const file = await world.files.openRead(real).catch(() => null);
  if (file === null) return null;
  try {
    const head = Buffer.alloc(SHEBANG_BYTES);
    const length = await file.readAt(head, 0);
    const line = head.toString("utf8", 0, length).split("\n")[0] ?? "";
    const words = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(line);
    const [, first = "", second = ""] = words ?? [];
    const named = basename(first) === "env" ? second : first;
    if (!/^python[\d.]*$/.test(basename(named))) return null;
    return (await world.processes.find(named, world.env["PATH"] ?? "")) ?? null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

/** What a build says of itself, from its files alone. */
export async function inspectEngine(world: DeviceWorld, command: EngineCommand): Promise<EngineBuild> {
  const { line: engine, kind, path } = command;
  const base = { engine, kind, path };
  if (path === null) {
    return { ...base, cuda: null, builtFor: null, libraries: [], evidence: "no such program" };
  }
  if (kind === "python") return { ...base, ...(await pythonBuild(world, path)) };
  const real = await world.files.realPath(path).catch(() => path);
  const linked = await linkedCuda(world, path);
  const loaded = await loadableCuda(world, await partFolders(world, kind, dirname(real)));
  const libraries = [...new Set([...linked.libraries, ...loaded.libraries])];
  return { ...base, ...nativeFacts(linked, libraries) };
}

function nativeFacts(
  linked: LinkedCuda,
  libraries: readonly string[],
): Pick<EngineBuild, "cuda" | "builtFor" | "libraries" | "evidence"> {
  if (libraries.length > 0) {
    const how = linked.libraries.length > 0 ? "linked with" : "loads";
    const evidence = `${how} ${libraries.slice(0, 4).join(", ")}`;
    return { cuda: true, builtFor: majorOf(libraries), libraries, evidence };
  }
  if (!linked.read) {
    const evidence =
      "neither a program of this system nor a script of Python: nothing can be seen from outside";
    return { cuda: null, builtFor: null, libraries, evidence };
  }
  return {
    cuda: false,
    builtFor: null,
    libraries,
    evidence: "neither linked with CUDA nor beside its parts",
  };
}

async function pythonBuild(
  world: DeviceWorld,
  path: string,
): Promise<Pick<EngineBuild, "cuda" | "builtFor" | "libraries" | "evidence">> {
  const torch = await findTorch(world, path);
  if (torch === null) {
    return { cuda: null, builtFor: null, libraries: [], evidence: "no torch beside this Python" };
  }
  const evidence = `${torch.path} says cuda ${torch.cuda ?? "none"}`;
  return { cuda: torch.cuda !== null, builtFor: torch.cuda, libraries: [], evidence };
}

/** Where an engine keeps the parts that it loads when it starts. */
async function partFolders(world: DeviceWorld, kind: EngineKind, home: string): Promise<string[]> {
  const usual = [home, join(home, "..", "lib")];
  if (kind !== "ollama") return usual;
  const folder = join(home, "..", "lib", "ollama");
  const entries = await world.files.entries(folder, 1000).catch(() => null);
  const parts = (entries ?? []).filter((entry) => entry.kind === "folder").map(({ name }) => name);
  return [...usual, folder, ...parts.sort().map((name) => join(folder, name))];
}
