import { posix } from "node:path";

/** Where the kernel counts a process's memory. */
export interface GroupPlace {
  readonly version: 1 | 2;
  /** The group's folder. */
  readonly folder: string;
  /** The group's name, as the kernel's records have it. */
  readonly name: string;
  /** The folder of the hierarchy's root as it is mounted here: no group above it can be seen. */
  readonly mount: string;
}

/** One place where a hierarchy that counts memory is mounted. */
export interface Mount {
  readonly version: 1 | 2;
  readonly folder: string;
  /** The part of the hierarchy that is mounted there. */
  readonly root: string;
}

/** More mounts than this are not looked through. */
const MAX_MOUNTS = 4096;

/** The cgroup mounts that count memory. */
export function mountsIn(mountinfo: string): readonly Mount[] {
  return mountinfo
    .split("\n", MAX_MOUNTS)
    .map(mountOf)
    .filter((mount) => mount !== undefined);
}

/** `36 35 98:0 /root /folder options… - type source superoptions`. */
function mountOf(line: string): Mount | undefined {
  const [left = "", right = ""] = line.split(" - ");
  const [, , , root, folder] = left.split(" ");
  const [type, , options = ""] = right.split(" ");
  if (root === undefined || folder === undefined) return undefined;
  if (type === "cgroup2") return { version: 2, folder: unescaped(folder), root: unescaped(root) };
  if (type !== "cgroup" || !options.split(",").includes("memory")) return undefined;
  return { version: 1, folder: unescaped(folder), root: unescaped(root) };
}

/**
 * The memory group that a membership (`/proc/PID/cgroup`) names: of the v1 memory controller where there is one, else
 * of the unified hierarchy. Undefined where it is not mounted. `prefix` stands before every path.
 * Source: cgroups(7), proc_pid_mountinfo(5).
 */
export function placeIn(membership: string, mounts: readonly Mount[], prefix = ""): GroupPlace | undefined {
  let unified: string | undefined;
  let memory: string | undefined;
  for (const line of membership.split("\n")) {
    const [id, controllers = "", ...rest] = line.split(":");
    if (id === "0" && controllers === "") unified = rest.join(":");
    else if (controllers.split(",").includes("memory")) memory = rest.join(":");
  }
  const version = memory === undefined ? 2 : 1;
  const name = memory ?? unified;
  const mount = mounts.find((each) => each.version === version);
  if (name === undefined || mount === undefined) return undefined;
  // In a container the mount may show the container's own group as its root.
  const inside =
    name === mount.root ? "/" : name.startsWith(`${mount.root}/`) ? name.slice(mount.root.length) : name;
  const path = mount.root === "/" ? name : inside;
  return {
    ...{ version, name },
    folder: posix.join(prefix, mount.folder, path.includes("..") ? "/" : path),
    mount: posix.join(prefix, mount.folder),
  };
}

/** Mount tables write a space as `\040`. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** A group and those above it, as far as they can be seen. */
export function withParents(place: GroupPlace): readonly GroupPlace[] {
  const places = [place];
  let { folder, name } = place;
  // No kernel nests deeper than some dozens of groups.
  for (let depth = 0; depth < 64 && folder !== place.mount && folder.startsWith(place.mount); depth++) {
    folder = posix.dirname(folder);
    name = posix.dirname(name);
    places.push({ ...place, folder, name });
  }
  return places;
}
