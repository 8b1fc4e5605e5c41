import { resolve } from "node:path";
import { splitWords } from "../../base/shellwords.ts";
import { workingFolder } from "../../world/node/stdio.ts";

/** An engine's command as words; null where there is none. A program named by a path is found from the working folder. */
export function engineWords(line: string): readonly [string, ...string[]] | null {
  const [program, ...rest] = splitWords(line);
  if (program === undefined) return null;
  return [program.includes("/") ? resolve(workingFolder(), program) : program, ...rest];
}
