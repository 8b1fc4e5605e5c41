import { type Snapshot, snapshot, untouched } from "../observe/snapshot.ts";
import type { FileFacts } from "../world/files.ts";
import type { World } from "../world/world.ts";
import { copyTree } from "./copy-tree.ts";

const COPY = { followLinks: true };

/** The private copy of the model that a run may use. The person's own file is only ever read. */
export class ModelCopy {
  readonly #world: World;
  readonly #source: string;
  readonly #inside: string;
  readonly #folder: string;
  readonly #name: string;
  #taken: Snapshot | null = null;

  /** `inside` is the folder of the copy as the command sees it, `folder` the same as apr sees it. */
  constructor(world: World, source: string, inside: string, folder: string, name: string) {
    this.#world = world;
    this.#source = source;
    this.#inside = inside;
    this.#folder = folder;
    this.#name = name;
  }

  /** The copy as the command sees it. */
  get path(): string {
    return `${this.#inside}/${this.#name}`;
  }

  /** Makes the copy fresh again. Costs nothing when the last run left it untouched. */
  async refresh(): Promise<void> {
    const now = await snapshot(this.#world.files, this.#folder);
    if (this.#taken !== null && (await this.#sameAs(now))) return;
    await this.#world.files.remove(this.#folder);
    await this.#world.files.makeFolder(this.#folder);
    await this.copyAgain();
  }

  /** Copies it into a folder that is empty now, such as a small file system that lies over it. */
  async copyAgain(): Promise<void> {
    await copyTree(this.#world.files, this.#source, `${this.#folder}/${this.#name}`, COPY);
    this.#taken = await snapshot(this.#world.files, this.#folder);
  }

  /** Paths of the copy that a run changed or removed, relative to its folder. What the run added is not counted. */
  changedIn(now: Pick<Snapshot, "entries">): string[] {
    const changed: string[] = [];
    for (const [path, before] of this.#taken?.entries ?? []) {
      const after = now.entries.get(path);
      // Link counts and folder times change without any harm to the content.
      const same =
        after !== undefined &&
        (before.kind === "folder"
          ? after.kind === "folder"
          : untouched({ ...before, changedNs: after.changedNs }, after));
      if (!same) changed.push(path);
    }
    return changed;
  }

  /** True when the copy is as it was made, with nothing beside it and no second name of a file. */
  isFresh(entries: ReadonlyMap<string, FileFacts>): boolean {
    if (this.#taken === null || this.changedIn({ entries }).length > 0) return false;
    return [...entries].every(
      ([path, facts]) => this.owns(path) && (facts.kind !== "file" || facts.links === 1),
    );
  }

  /** True for paths that belong to the copy itself. */
  owns(path: string): boolean {
    return this.#taken?.entries.has(path) === true;
  }

  async #sameAs(now: Snapshot): Promise<boolean> {
    if (this.changedIn(now).length > 0) return false;
    for (const [path, facts] of now.entries) {
      if (!this.owns(path)) await this.#world.files.remove(`${this.#folder}/${path}`);
      // A program that hard-links its input would find another link count next time.
      else if (facts.kind === "file" && facts.links !== 1) return false;
    }
    return true;
  }
}
