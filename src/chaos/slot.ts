import { normalize } from "node:path";
import { type ContentState, contentState } from "../observe/content.ts";
import { filesAt, type Snapshot, snapshot } from "../observe/snapshot.ts";
import type { FileFacts } from "../world/files.ts";
import type { World } from "../world/world.ts";
import { type Cell, openCell } from "./cell.ts";
import { copyTree } from "./copy-tree.ts";
import { ModelCopy } from "./model-copy.ts";
import { type Bindings, expand, type Piece, type Template } from "./template.ts";
import type { Tools } from "./tools.ts";

/**
 * Folders of a slot. `work` is where the command starts; `out` holds its output; `home` and `tmp` are its own;
 * `notes` holds what the harness's own tools write.
 */
const FOLDERS = ["work", "out", "home", "tmp", "notes"] as const;
const OUTPUT_NAME = "out";

/** A place for one run at a time: its folders, its copy of the model, and the cell around them. */
export class Slot {
  readonly world: World;
  readonly cell: Cell;
  readonly model: ModelCopy | null;
  /** The slot's folder as apr reaches it without a detour; the same as the command's where there is no cell. */
  readonly hostFolder: string;
  readonly #folder: string;
  readonly #template: Template;

  private constructor(
    world: World,
    cell: Cell,
    place: { readonly folder: string; readonly inside: string },
    template: Template,
    model: ModelCopy | null,
  ) {
    const folder = place.inside;
    this.world = world;
    this.cell = cell;
    this.hostFolder = cell.confined ? place.folder : folder;
    this.#folder = folder;
    this.#template = template;
    this.model = model;
  }

  /** `folder` holds the slot on disk. The command sees it as `inside`, in every slot alike: outputs may hold paths. */
  static async open(
    world: World,
    tools: Tools,
    place: { readonly folder: string; readonly inside: string },
    template: Template,
    model: { readonly path: string; readonly name: string } | null,
  ): Promise<Slot> {
    await world.files.makeFolder(place.folder);
    await world.files.makeFolder(place.inside);
    const cell = await openCell(world, tools, place.folder, place.inside);
    const folder = `${place.inside}/model`;
    const copy =
      model === null ? null : new ModelCopy(world, model.path, folder, cell.view(folder), model.name);
    return new Slot(world, cell, place, template, copy);
  }

  /** Back to the start: empty folders and an untouched model. */
  async reset(): Promise<void> {
    for (const name of FOLDERS) {
      const path = this.cell.view(`${this.#folder}/${name}`);
      await this.world.files.remove(path);
      await this.world.files.makeFolder(path);
    }
    for (const name of await this.#sharedMemory())
      await this.world.files.remove(this.cell.view(`/dev/shm/${name}`));
    await this.model?.refresh();
  }

  bindings(force: string): Bindings {
    return {
      model: this.model?.path ?? "",
      out: `${this.#folder}/out/${OUTPUT_NAME}`,
      tmp: `${this.#folder}/tmp`,
      force,
    };
  }

  /** The slot's folder as the command sees it. */
  get folder(): string {
    return this.#folder;
  }

  get workFolder(): string {
    return `${this.#folder}/work`;
  }

  get notesFolder(): string {
    return `${this.#folder}/notes`;
  }

  get homeFolder(): string {
    return `${this.#folder}/home`;
  }

  get tempFolder(): string {
    return `${this.#folder}/tmp`;
  }

  /** The output's path as the command sees it; null when it names none. */
  get outputPath(): string | null {
    return this.#pathOf(this.#template.output);
  }

  /** Where the command may keep unfinished work, as it sees the path; null when nobody said so. */
  get statePath(): string | null {
    return this.#pathOf(this.#template.state);
  }

  #pathOf(template: readonly Piece[] | null): string | null {
    if (template === null) return null;
    const path = expand(template, this.bindings(""));
    return normalize(path.startsWith("/") ? path : `${this.workFolder}/${path}`).replace(/\/$/, "");
  }

  /** The output's folder as the command sees it. */
  get outputFolder(): string | null {
    const path = this.outputPath;
    return path === null ? null : path.slice(0, Math.max(1, path.lastIndexOf("/")));
  }

  /** True for a path inside one of this slot's folders that is empty before a run: only such an output can be judged. */
  owns(path: string): boolean {
    const [folder, ...rest] = path.slice(this.#folder.length + 1).split("/");
    const known = folder === "model" || (folder !== "notes" && FOLDERS.some((name) => name === folder));
    const inside = path.startsWith(`${this.#folder}/`) && known && rest.length > 0;
    return inside && path !== this.model?.path && !path.startsWith(`${this.model?.path}/`);
  }

  /** The state path relative to the output; null when it does not lie in it. */
  get #stateInOutput(): string | null {
    const [output, state] = [this.outputPath, this.statePath];
    if (output === null || state?.startsWith(`${output}/`) !== true) return null;
    return state.slice(output.length + 1);
  }

  /** The output without unfinished work that may lie in it. */
  async output(): Promise<ContentState | null> {
    const path = this.outputPath;
    if (path === null) return null;
    return contentState(this.world, this.cell.view(path), this.#stateInOutput);
  }

  /** The unfinished work that lies there now, as paths of the command. Folders alone are none. */
  async state(): Promise<string[]> {
    const path = this.statePath;
    return path === null
      ? []
      : (await filesAt(this.world.files, this.cell.view(path))).map((name) => path + name);
  }

  /** Every path in the slot, relative to it, as the command sees it. */
  async look(): Promise<Snapshot> {
    return snapshot(this.world.files, this.cell.view(this.#folder));
  }

  /** Names left in shared memory. Only a cell has one of its own. */
  async #sharedMemory(): Promise<string[]> {
    if (!this.cell.confined) return [];
    return this.world.files.list(this.cell.view("/dev/shm")).catch(() => []);
  }

  /** What a run left that is neither its output nor the model: new paths, and changes to the model. Sorted. */
  async strays(): Promise<string[]> {
    const shot = await this.look();
    const model = await snapshot(this.world.files, this.cell.view(`${this.#folder}/model`));
    return this.straysIn(shot.entries, model, await this.#sharedMemory());
  }

  /** The same from what was seen: every path in the slot, the model's folder, and the names in shared memory. */
  straysIn(
    entries: ReadonlyMap<string, FileFacts>,
    model: Pick<Snapshot, "entries">,
    shared: readonly string[],
  ): string[] {
    const output = this.outputPath?.slice(this.#folder.length + 1) ?? null;
    const state = this.statePath?.slice(this.#folder.length + 1) ?? null;
    const strays: string[] = [];
    for (const [path, { kind }] of entries) {
      if ((FOLDERS as readonly string[]).includes(path) || path === "model" || path.startsWith("notes/"))
        continue;
      if (output !== null && isWithin(path, output)) continue;
      // Whatever else a folder above it holds is listed itself.
      if (state !== null && (isWithin(path, state) || (kind === "folder" && isWithin(state, path)))) continue;
      if (path.startsWith("model/") && this.model?.owns(path.slice("model/".length)) === true) continue;
      strays.push(path);
    }
    for (const name of shared) strays.push(`/dev/shm/${name}`);
    for (const path of this.model?.changedIn(model) ?? []) strays.push(`model/${path} (changed)`);
    return strays;
  }

  /** Copies the output and the strays of a run to a folder of the person's choice. */
  async copyLeft(strays: readonly string[], folder: string): Promise<void> {
    const copy = async (path: string, name: string): Promise<void> => {
      const to = `${folder}/${name}`;
      await this.world.files.makeFolder(to.slice(0, to.lastIndexOf("/")));
      await copyTree(this.world.files, this.cell.view(path), to, { followLinks: false });
    };
    await this.world.files.makeFolder(folder);
    if (this.outputPath !== null) await copy(this.outputPath, "output");
    if (this.statePath !== null && this.#stateInOutput === null) await copy(this.statePath, "state");
    for (const stray of strays) {
      const path = stray.replace(/ \(changed\)$/, "");
      await copy(path.startsWith("/") ? path : `${this.#folder}/${path}`, `strays/${path}`);
    }
  }

  async close(): Promise<void> {
    await this.cell.close();
  }
}

/** True for the path itself and for what lies below it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
