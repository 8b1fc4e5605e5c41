import { AprError, systemCode } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { readScenario } from "../../chaos/scenario/read.ts";
import type { Scenario } from "../../chaos/scenario/types.ts";
import { nodeFiles } from "../../world/node/files.ts";

/** A scenario file is written by people. */
const MAX_BYTES = 1024 * 1024;
/** Aliases of aliases can stand for any amount. */
const MAX_ALIASES = 100;

/** Reads a scenario file in YAML (or JSON, which is YAML). Throws `not-found` or `malformed`, with line and place. */
export async function scenarioIn(file: string): Promise<Scenario> {
  const text = await textOf(file);
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { uniqueKeys: true, version: "1.2" });
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new AprError("malformed", `${file}: ${problem.message.split("\n")[0]}`, {
      hint: "check the file's YAML",
    });
  }
  try {
    return readScenario(document.toJS({ maxAliasCount: MAX_ALIASES }) as Json);
  } catch (error) {
    if (error instanceof AprError) {
      throw new AprError("malformed", `${file}: ${error.message}`, {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      });
    }
    throw new AprError("malformed", `${file}: ${(error as Error).message}`, {
      hint: "check the file's YAML",
      cause: error,
    });
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return Buffer.from(await nodeFiles.readBounded(file, MAX_BYTES)).toString("utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") {
      throw new AprError("not-found", `no such scenario file: ${file}`, {
        hint: "write a first one: apr qa init -- CMD {model} {out}",
        cause: error,
      });
    }
    const why = error instanceof RangeError ? `larger than ${MAX_BYTES} bytes` : (code ?? "unknown error");
    throw new AprError("malformed", `cannot read ${file}: ${why}`, { hint: "check the file", cause: error });
  }
}
