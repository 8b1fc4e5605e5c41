/** Worlds have few paths, and the same ones; whoever has more begins anew. */
const MAX_KNOWN = 4096;
const KNOWN = new Map<string, readonly string[]>();

/** The names of an absolute path. */
export function partsOf(path: string): readonly string[] {
  // One call of the disk asks for the same path several times.
  if (path === lastPath) return lastParts;
  const known = KNOWN.get(path) ?? split(path);
  lastPath = path;
  lastParts = known;
  return known;
}

let lastPath = "/";
let lastParts: readonly string[] = [];

function split(path: string): readonly string[] {
  const parts = path.slice(1).split("/");
  if (parts.at(-1) === "") parts.pop();
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  KNOWN.set(path, parts);
  return parts;
}

/** The folder that a path's last name is in. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** A path without `.` and `..`. */
export function plain(path: string): string {
  const parts: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") parts.pop();
    else if (name !== "" && name !== ".") parts.push(name);
  }
  return `/${parts.join("/")}`;
}
