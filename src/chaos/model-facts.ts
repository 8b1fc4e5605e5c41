import { basename, resolve } from "node:path";
import { AprError, systemCode } from "../base/errors.ts";
import type { World } from "../world/world.ts";

/** A folder with more entries is no model; links to links can make any number. */
const MAX_ENTRIES = 200_000;

export interface ModelFacts {
  /** Full path of the person's own file or folder. */
  readonly path: string;
  /** The name that the command sees: the given one, also where that is a link. */
  readonly name: string;
  readonly bytes: number;
  /** One file, not a folder. */
  readonly isFile: boolean;
}

/** Looks at the whole model, through links, before anything is copied. Throws `not-found` or `malformed`. */
export async function modelFacts(world: World, given: string, cwd: string): Promise<ModelFacts> {
  if (given === "") throw new AprError("usage", "the model's path is empty", { hint: "check --model" });
  const path = resolve(cwd, given);
  const walk = new Walk(world, given);
  await walk.enter(given.endsWith("/") ? `${path}/` : path, []);
  if (walk.bytes === 0) {
    throw walk.refused("is empty", given, "give a file or a folder with at least one byte");
  }
  return {
    path,
    name: basename(path) || "model",
    bytes: walk.bytes,
    isFile: walk.entries === 1 && walk.files === 1,
  };
}

class Walk {
  bytes = 0;
  readonly #world: World;
  readonly #given: string;
  files = 0;
  #entries = 0;

  constructor(world: World, given: string) {
    this.#world = world;
    this.#given = given;
  }

  get entries(): number {
    return this.#entries;
  }

  /** `above` are the real paths of the folders that lead here. */
  async enter(path: string, above: readonly string[]): Promise<void> {
    const { files } = this.#world;
    this.#entries++;
    if (this.#entries > MAX_ENTRIES) throw this.refused(`has more than ${MAX_ENTRIES} entries`, path);
    try {
      const real = await files.realPath(path);
      const facts = await files.facts(real);
      if (facts?.kind === "file") {
        this.bytes += facts.sizeBytes;
        this.files++;
        // Its first bytes show that it can be read at all.
        for await (const _ of files.readChunks(real)) break;
      } else if (facts?.kind === "folder") {
        if (above.includes(real)) throw this.refused("holds a link to a folder that it is in", path);
        for (const name of await files.list(real)) await this.enter(`${real}/${name}`, [...above, real]);
      } else {
        throw this.refused("is neither a file nor a folder", path);
      }
    } catch (error) {
      throw this.#explained(error, path, above.length === 0);
    }
  }

  refused(what: string, path: string, hint = "check --model"): AprError {
    const where = path === this.#given || this.#entries === 1 ? "" : `: ${path}`;
    return new AprError("malformed", `the model ${this.#given} ${what}${where}`, { hint, fields: { path } });
  }

  #explained(error: unknown, path: string, top: boolean): unknown {
    const code = systemCode(error);
    if (code === undefined || error instanceof AprError) return error;
    const missing = code === "ENOENT" || code === "ENOTDIR";
    if (missing && !top) return this.refused("holds a link that leads nowhere", path);
    return new AprError(missing ? "not-found" : "malformed", `cannot read the model ${path}: ${code}`, {
      hint: "check --model",
      fields: { path, code },
      cause: error,
    });
  }
}
