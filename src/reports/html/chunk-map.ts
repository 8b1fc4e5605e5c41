import type { GridPicture } from "./pictures.ts";
import type { SeenEvent } from "./lane-columns.ts";

const MAX_BLOBS = 50;
/** 256 GiB in chunks of 2 MiB. */
const MAX_CHUNKS = 131_072;
const REPAIRED = "fetched again";

/** Which source gave each chunk, and which were fetched again. */
export class ChunkMap {
  readonly #blobs = new Map<string, Int16Array>();
  readonly #sources = new Map<string, number>([[REPAIRED, 0]]);

  add({ data, kind }: SeenEvent): void {
    if (kind !== "path_done" && kind !== "repair") return;
    const { chunk, path } = data ?? {};
    if (typeof chunk !== "string" || typeof path !== "string") return;
    const hash = chunk.lastIndexOf("#");
    const index = Number(chunk.slice(hash + 1));
    if (hash === -1 || !Number.isInteger(index) || index < 0 || index >= MAX_CHUNKS) return;
    const cells = this.#cells(chunk.slice(0, hash), index);
    if (cells === null) return;
    // What was wrong once stays marked, whoever gave it in the end.
    if (kind === "repair") cells[index] = 0;
    else if (cells[index] !== 0) cells[index] = this.#source(path);
  }

  /** Null where no chunk came. */
  picture(): GridPicture | null {
    if (this.#blobs.size === 0) return null;
    const rows = [...this.#blobs].map(([label, cells]) => ({ label, cells }));
    const count = (kind: number): number =>
      rows.reduce((sum, { cells }) => sum + cells.filter((each) => each === kind).length, 0);
    const shares = [...this.#sources].map(([name, number]) => `${name}: ${count(number)}`);
    return {
      kind: "grid",
      title: "Chunks",
      summary: `Chunks by source. ${shares.join(" · ")}`,
      categories: [...this.#sources.keys()],
      rows,
      columns: [],
    };
  }

  #cells(blob: string, index: number): Int16Array | null {
    const known = this.#blobs.get(blob);
    if (known === undefined && this.#blobs.size >= MAX_BLOBS) return null;
    if (known !== undefined && index < known.length) return known;
    const larger = new Int16Array(index + 1).fill(-1);
    if (known !== undefined) larger.set(known);
    this.#blobs.set(blob, larger);
    return larger;
  }

  #source(path: string): number {
    const known = this.#sources.get(path);
    if (known !== undefined) return known;
    this.#sources.set(path, this.#sources.size);
    return this.#sources.size - 1;
  }
}
