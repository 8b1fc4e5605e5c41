import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "../temp.ts";

const SCRIPT = "test/support/oom/snapshot.py";

/** Every case of snapshot.py in every protocol, by its file's name, sorted. */
export function madeByPython(): Map<string, Buffer> {
  const folder = tempDir();
  python("make", folder);
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

/** What Python's pickle reads, in one process: a digest for each of the canonical texts; `error` for what it refuses. */
export function readByPython(pickles: readonly Uint8Array[]): string[] {
  const list = join(tempDir(), "pickles");
  writeFileSync(
    list,
    Buffer.concat(
      pickles.flatMap((bytes) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        return [length, bytes];
      }),
    ),
  );
  const digests = python("read", list).trimEnd().split("\n");
  if (digests.length !== pickles.length) throw new Error(`${digests.length} digests of ${pickles.length}`);
  return digests;
}

function python(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("python3", [SCRIPT, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`snapshot.py ${args[0]} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Peaks of each device, and what the largest holders held then, as Python works them out. */
export function peaksByPython(files: ReadonlyMap<string, Uint8Array>): unknown[] {
  const folder = tempDir();
  const paths = [...files].map(([, bytes], index) => {
    const path = join(folder, `${index}.pickle`);
    writeFileSync(path, bytes);
    return path;
  });
  return python("peaks", ...paths)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}
