import { posix } from "node:path";
import { readSource } from "./source.ts";

/**
 * Files that import each other in a ring, types included; one line a ring, its files in order. `texts` has every
 * file by its path. An import that is only made when it is needed counts as well.
 */
export function circles(texts: ReadonlyMap<string, string>): string[] {
  const targets = new Map<string, readonly string[]>();
  for (const [path, text] of texts) {
    const relative = readSource(text).imports.filter((each) => each?.startsWith(".") === true);
    targets.set(
      path,
      relative.map((each) => posix.join(posix.dirname(path), each ?? "")).filter((each) => texts.has(each)),
    );
  }
  const found: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): void => {
    const at = way.indexOf(path);
    if (at !== -1) found.push([...way.slice(at), path].join(" → "));
    if (at !== -1 || done.has(path)) return;
    way.push(path);
    for (const target of targets.get(path) ?? []) visit(target);
    way.pop();
    done.add(path);
  };
  for (const path of texts.keys()) visit(path);
  return found;
}
