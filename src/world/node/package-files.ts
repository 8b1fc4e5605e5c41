import { readFileSync } from "node:fs";

/** A file that is packed beside the built command: every built file lies one folder below `dist`. */
export function packagedFile(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
}
