import { AprError } from "../../base/errors.ts";
import type { Reason } from "../../contracts/types.ts";
import type { World } from "../../world/world.ts";
import type { Bench } from "../attempt.ts";
import { readCheck } from "../check.ts";
import { counter, readTemplate } from "../harness.ts";
import { quote } from "../reproduce.ts";
import { absoluteProgram } from "../program.ts";
import { openSandbox, type Sandbox } from "../sandbox.ts";
import { findTools, runTool, type Tools } from "../tools.ts";
import { Lines } from "./lines.ts";
import type { SweepOptions } from "./options.ts";
import { SweepReproduction } from "./reproduce.ts";
import { Station } from "./station.ts";

/** Everything that a sweep needs before its first run. */
export interface Stage {
  readonly bench: Bench;
  readonly sandbox: Sandbox;
  readonly stations: readonly Station[];
  readonly lines: Lines;
  readonly reproduction: SweepReproduction;
  /** Null: system calls can be watched. Else why not. */
  readonly blind: Reason | null;
  close(): Promise<void>;
}

/** One thread for Node's pool: then the calls of a Node program come in one order. */
const STEADY_ENV = { UV_THREADPOOL_SIZE: "1" };

export async function openStage(world: World, options: SweepOptions): Promise<Stage> {
  const template = readTemplate(options, "sweep");
  if (world.host.platform !== "linux") {
    throw new AprError("inconclusive", `apr qa sweep needs Linux (this is ${world.host.platform})`, {
      hint: "run it in a Linux container or virtual machine",
    });
  }
  const path = world.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  const prepared = await absoluteProgram(world, template, path, options.cwd);
  const check = options.check === undefined ? null : await readCheck(world, options.check, path, options.cwd);
  const setup =
    options.setup === undefined ? null : await readCheck(world, options.setup, path, options.cwd, "setup");
  await world.processes.adoptOrphans();
  const tools = await findTools(world, path);
  const { sh } = tools;
  if (sh === undefined) {
    throw new AprError("inconclusive", "no sh was found in PATH", { hint: "apt-get install dash" });
  }
  const sandbox = await openSandbox(world, tools, prepared, options);
  const stations = sandbox.slots.map(
    (slot, index) => new Station(slot, sh, `${sandbox.mark}/sweep-${index}`, STEADY_ENV),
  );
  const close = async (): Promise<void> => {
    for (const station of stations) await station.close();
    await sandbox.close();
  };
  const [first] = sandbox.slots;
  if (first === undefined) throw new Error("a sandbox has at least one slot");
  const bench: Bench = {
    template: prepared,
    check,
    tools,
    mark: sandbox.mark,
    abort: options.abort,
    nextId: counter(),
    keepFolder: undefined,
  };
  const place = { folder: first.folder, modelPath: first.model?.path ?? null };
  return {
    bench,
    sandbox,
    stations,
    lines: new Lines(prepared, setup, { strace: tools.strace, fast: await canFilter(world, tools) }),
    reproduction: new SweepReproduction(prepared, { model: modelShell(options, sandbox), setup }, place),
    blind: tools.strace === undefined ? await whyBlind(world, path) : null,
    close,
  };
}

/** Shell that brings the model into `$d/model`; null where there is none. */
function modelShell(options: SweepOptions, { model }: Sandbox): string | null {
  if (model === null) return null;
  if (options.modelShell === undefined) return `cp -rp -- ${quote(model.path)} "$d"/model/`;
  return `${options.modelShell} >"$d"/model/${quote(model.name)}`;
}

/** With a filter in the kernel strace stops only at the watched calls: a third of the time is saved. */
async function canFilter(world: World, { strace, sh }: Tools): Promise<boolean> {
  if (strace === undefined || sh === undefined) return false;
  const probe = ["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=write"];
  const { code, stderr } = await runTool(world, [strace, ...probe, sh, "-c", ":"]);
  return code === 0 && stderr === "";
}

async function whyBlind(world: World, path: string): Promise<Reason> {
  if ((await world.processes.find("strace", path)) === undefined) {
    return { code: "no-strace", remedy: "apt-get install strace" };
  }
  const remedy = "allow ptrace: docker run --cap-add=SYS_PTRACE, or sysctl kernel.yama.ptrace_scope=1";
  return { code: "ptrace-forbidden", remedy };
}
