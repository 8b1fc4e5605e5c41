import { AprError, systemCode } from "../base/errors.ts";
import { formatBytes } from "../base/units.ts";
import type { World } from "../world/world.ts";
import { postGuard } from "./guard.ts";
import { type ModelFacts, modelFacts } from "./model-facts.ts";
import { Slot } from "./slot.ts";
import type { Template } from "./template.ts";
import type { Tools } from "./tools.ts";

/** Left free in the temporary folder besides the copies of the model. */
const SPARE_BYTES = 16 * 1024 * 1024;

/** A private folder with one slot a job. Closing it leaves nothing behind. */
export interface Sandbox {
  readonly slots: readonly Slot[];
  readonly model: ModelFacts | null;
  /** Marks every process that runs in it. */
  readonly mark: string;
  close(): Promise<void>;
}

export async function openSandbox(
  world: World,
  tools: Tools,
  template: Template,
  options: { readonly model: string | undefined; readonly cwd: string; readonly jobs: number },
): Promise<Sandbox> {
  const model = options.model === undefined ? null : await modelFacts(world, options.model, options.cwd);
  const folder = await makeFolder(world);
  const guard = await postGuard(world, tools, folder);
  const slots: Slot[] = [];
  const close = async (): Promise<void> => {
    for (const slot of slots) await slot.close();
    await killStrangers(world);
    await world.files.remove(folder);
    await guard.dismiss();
  };
  try {
    await checkSpace(world, folder, (model?.bytes ?? 0) * options.jobs + SPARE_BYTES);
    for (let index = 0; index < options.jobs; index++) {
      const place = { folder: `${folder}/${index}`, inside: `${folder}/slot` };
      const slot = await Slot.open(world, tools, place, template, model);
      slots.push(slot);
      // Without a cell every slot would be the same folder.
      if (!slot.cell.confined) break;
    }
    if (slots[0] !== undefined) checkPaths(slots[0]);
    return { slots, model, mark: folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkPaths(slot: Slot): void {
  const { outputPath: output, statePath: state } = slot;
  if (output !== null && !slot.owns(output)) {
    throw new AprError("usage", `the output must be a new path in the sandbox, not ${output}`, {
      hint: "use {out}, a path in {tmp} or beside {model}, or a relative path",
    });
  }
  if (state !== null && !slot.owns(state)) {
    throw new AprError("usage", `the state must be a new path in the sandbox, not ${state}`, {
      hint: "use '{out}.part', '{out}/parts', a path in {tmp} or beside {model}, or a relative path",
    });
  }
  // Else every partial output would count as unfinished work.
  if (output !== null && state !== null && `${output}/`.startsWith(`${state}/`)) {
    throw new AprError("usage", "the state must not be the output or hold it", {
      hint: "name the place of unfinished work alone, such as '{out}.part'",
    });
  }
}

async function makeFolder(world: World): Promise<string> {
  const { tempFolder } = world.host;
  try {
    return await world.files.realPath(await world.files.makeTempFolder(`${tempFolder}/apr-chaos-`));
  } catch (error) {
    throw new AprError(
      "io",
      `cannot make a folder in ${tempFolder}: ${systemCode(error) ?? "unknown error"}`,
      {
        hint: "set TMPDIR to a folder that can be written",
        fields: { path: tempFolder },
        cause: error,
      },
    );
  }
}

/** What escaped every run's notice became our own child when its parents died. */
async function killStrangers(world: World): Promise<void> {
  const rounds = 50;
  for (let round = 0; round < rounds; round++) {
    const strangers = world.processes.adopted();
    if (strangers.length === 0) return;
    for (const pid of strangers) {
      world.processes.signal(pid, "SIGKILL");
      world.processes.reap(pid);
    }
    await world.timers.sleep(2);
  }
}

async function checkSpace(world: World, folder: string, neededBytes: number): Promise<void> {
  const { freeBytes } = await world.files.space(folder);
  if (freeBytes >= neededBytes) return;
  const message = `not enough room in ${world.host.tempFolder}: ${formatBytes(neededBytes)} needed, ${formatBytes(freeBytes)} free`;
  throw new AprError("io", message, { hint: "set TMPDIR to a folder with more room, or use --jobs 1" });
}
