import { AprError } from "../base/errors.ts";
import type { World } from "../world/world.ts";
import type { Template } from "./template.ts";

/** A program named by a path is named by its full path: a run starts in a folder of its own. Throws `not-found`. */
export async function absoluteProgram(
  world: World,
  template: Template,
  path: string,
  cwd: string,
): Promise<Template> {
  const [piece, ...rest] = template.words[0] ?? [];
  if (piece === undefined || !("text" in piece) || rest.length > 0) return template;
  if (piece.text === "") throw new AprError("usage", "the command's name is empty");
  const named = piece.text.includes("/") && !piece.text.startsWith("/") ? `${cwd}/${piece.text}` : piece.text;
  if ((await world.processes.find(named, path)) === undefined) {
    throw new AprError("not-found", `the command does not exist or cannot be executed: ${piece.text}`, {
      hint: "check its name, its path and its execute permission",
    });
  }
  return { ...template, words: [[{ text: named }], ...template.words.slice(1)] };
}
