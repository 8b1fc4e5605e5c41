import { dirname, isAbsolute, join } from "node:path";
import type { DeviceWorld } from "./world.ts";

// Where the dynamic linker would look, without asking it: a few dozen looks at the disk. Source: ld.so(8).

const MAX_FOLDERS = 256;
const MAX_CONFIG_FILES = 64;
const MAX_CONFIG_BYTES = 64 * 1024;

type Files = Pick<DeviceWorld["files"], "facts" | "readSmall" | "entries" | "realPath">;

/** The linker's own, on Debian, Red Hat and NixOS, and what WSL adds. */
const USUAL = [
  ...["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu"],
  ...["/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"],
  ...["/usr/lib/wsl/lib", "/run/opengl-driver/lib"],
] as const;

/** The path of the first of these names in `first`, LD_LIBRARY_PATH, ld.so.conf's folders or the usual ones. */
export async function findLibrary(
  { files, env }: Pick<DeviceWorld, "env"> & { readonly files: Files },
  names: readonly string[],
  first: readonly string[] = [],
): Promise<string | null> {
  const told = [...first, ...splitPath(env["LD_LIBRARY_PATH"])];
  return (
    (await lookIn(files, told, names)) ??
    (await lookIn(files, USUAL, names)) ??
    (await lookIn(files, await configuredFolders(files), names))
  );
}

function splitPath(value: string | undefined): string[] {
  return (value ?? "").split(/[:;]/, MAX_FOLDERS).filter(isAbsolute);
}

async function lookIn(
  files: Files,
  folders: readonly string[],
  names: readonly string[],
): Promise<string | null> {
  for (const folder of folders.slice(0, MAX_FOLDERS)) {
    for (const name of names) {
      const path = join(folder, name);
      const facts = await files.facts(path).catch(() => null);
      if (facts?.kind === "file" || facts?.kind === "link") return path;
    }
  }
  return null;
}

/** The folders that /etc/ld.so.conf and the files that it includes name. */
async function configuredFolders(files: Files): Promise<string[]> {
  const found: string[] = [];
  const queue = ["/etc/ld.so.conf"];
  for (let at = 0; at < queue.length && at < MAX_CONFIG_FILES; at++) {
    const path = queue[at] ?? "";
    const real = await files.realPath(path).catch(() => path);
    const read = await files.readSmall(real, MAX_CONFIG_BYTES).catch(() => null);
    if (read?.kind !== "bytes") continue;
    for (const line of new TextDecoder().decode(read.bytes).split("\n")) {
      const text = line.replace(/#.*/, "").trim();
      const pattern = /^include\s+(\S+)$/.exec(text)?.[1];
      if (pattern !== undefined) queue.push(...(await included(files, pattern)));
      else if (isAbsolute(text)) found.push(text);
    }
  }
  return found;
}

/** `include` takes a pattern; in practice it is `folder/*.conf`. */
async function included(files: Files, pattern: string): Promise<string[]> {
  if (!pattern.endsWith("/*.conf")) return pattern.includes("*") ? [] : [pattern];
  const folder = dirname(pattern);
  const entries = await files.entries(folder, MAX_FOLDERS).catch(() => null);
  const names = (entries ?? []).map(({ name }) => name).filter((name) => name.endsWith(".conf"));
  return names.sort().map((name) => join(folder, name));
}
