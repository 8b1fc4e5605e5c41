import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAME = "cuda-probe.cjs";

/** The command that starts the built probe; null where it has not been built. It lies in `dist`, beside the entry. */
export function probeProgram(): readonly [string, ...string[]] | null {
  const here = dirname(fileURLToPath(import.meta.url));
  const path = [join(here, NAME), join(here, "..", NAME)].find((each) => existsSync(each));
  return path === undefined ? null : [process.execPath, path];
}
