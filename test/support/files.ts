import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A file of the project as text, by its path from the project's folder. */
export function readProjectFile(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8");
}

/** Every file under a folder of the project, sorted, as paths from the project's folder. */
export function filesUnder(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(ROOT.length))
    .sort();
}
