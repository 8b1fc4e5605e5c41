// A program of its own: asks the CUDA driver library what is there. A driver may hang, crash or print: here it does so
// to nobody but itself. Source: CUDA Driver API (cuda.h), functions by their names below.
import { readDriver } from "./cuda-driver.ts";
import { ProbeError } from "./native.ts";
import { measureContext, watchMemory } from "./nvml-memory.ts";
import { writeAll } from "./stdio.ts";

/** Begins the one line of stdout that counts: a driver may print lines of its own. */
const MARK = "APR-PROBE ";

const [mode = "", library = "", argument = ""] = process.argv.slice(2);

function say(document: object): void {
  writeAll(1, `\n${MARK}${JSON.stringify(document)}\n`);
}

async function main(): Promise<void> {
  try {
    if (mode === "devices") say({ kind: "answer", ...(await readDriver(library, Number(argument))) });
    else if (mode === "memory") await watchMemory(library, Number(argument), say);
    else if (mode === "context") say({ kind: "context", ...(await measureContext(library, argument)) });
    else throw new ProbeError("usage", 0, `no such mode: ${mode}`);
  } catch (error) {
    const { stage, code } = error instanceof ProbeError ? error : { stage: "unknown", code: 0 };
    say({ kind: "error", stage, code, message: error instanceof Error ? error.message : String(error) });
  }
  process.exit(0);
}

// Nothing is left to do when even this fails; the missing line says so.
main().catch(() => process.exit(1));
