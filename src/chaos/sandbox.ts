import { AprError, systemCode } from "../base/errors.ts";
import { formatBytes } from "../base/units.ts";
import { snapshot, totalBytes } from "../observe/snapshot.ts";
import type { World } from "../world/world.ts";
import { Slot } from "./slot.ts";
import type { Template } from "./template.ts";
import type { Tools } from "./tools.ts";

/** Left free in the temporary folder besides the copies of the model. */
const SPARE_BYTES = 16 * 1024 * 1024;

export interface ModelFacts {
  /** Full path of the person's own file or folder. */
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

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
  const slots: Slot[] = [];
  const close = async (): Promise<void> => {
    for (const slot of slots) await slot.close();
    await world.files.remove(folder);
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
    const output = slots[0]?.outputPath ?? null;
    if (output !== null && slots[0]?.owns(output) !== true) {
      throw new AprError("usage", `the output must lie in the sandbox, not at ${output}`, {
        hint: "use {out}, {tmp}, a path beside {model}, or a relative path",
      });
    }
    return { slots, model, mark: folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function modelFacts(world: World, given: string, cwd: string): Promise<ModelFacts> {
  const path = given.startsWith("/") ? given : `${cwd}/${given}`;
  let real: string;
  try {
    real = await world.files.realPath(path);
  } catch (error) {
    const code = systemCode(error);
    const kind = code === "ENOENT" || code === "ENOTDIR" ? "not-found" : "malformed";
    throw new AprError(kind, `cannot read the model ${given}: ${code ?? "unknown error"}`, {
      hint: "check --model",
      fields: { path: given },
      cause: error,
    });
  }
  const facts = await world.files.facts(real);
  const bytes =
    facts?.kind === "folder"
      ? totalBytes(await snapshot(world.files, real))
      : facts?.kind === "file"
        ? facts.sizeBytes
        : 0;
  if (bytes === 0) {
    throw new AprError("malformed", `the model is empty: ${given}`, {
      hint: "give a file or a folder with at least one byte",
      fields: { path: given },
    });
  }
  // The name that the person gave may be a link; the command sees that name.
  return { path, name: path.slice(path.replace(/\/+$/, "").lastIndexOf("/") + 1).replace(/\/+$/, ""), bytes };
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

async function checkSpace(world: World, folder: string, neededBytes: number): Promise<void> {
  const { freeBytes } = await world.files.space(folder);
  if (freeBytes >= neededBytes) return;
  const message = `not enough room in ${world.host.tempFolder}: ${formatBytes(neededBytes)} needed, ${formatBytes(freeBytes)} free`;
  throw new AprError("io", message, { hint: "set TMPDIR to a folder with more room, or use --jobs 1" });
}
