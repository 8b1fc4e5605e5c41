import { within } from "../observe/within.ts";
import type { Child } from "../world/processes.ts";
import type { World } from "../world/world.ts";
import { runTool, type Tools } from "./tools.ts";

/** A place where a command may write to one folder only, and where small file systems can be mounted. */
export interface Cell {
  /** True when the kernel keeps the command from writing anywhere else. */
  readonly confined: boolean;
  /** What the host did not allow, for people. */
  readonly notes: readonly string[];
  /** The words that start a command inside, in folder `cwd`. */
  enter(cwd: string): readonly string[];
  /** The path by which apr sees what the command sees at `path`. */
  view(path: string): string;
  /** True for a process that was started inside. Without a cell nobody can tell. */
  inhabits(pid: number): boolean;
  /** Mounts an empty file system of `bytes` over a folder. False where that is not allowed. */
  mountSmall(folder: string, bytes: number): Promise<boolean>;
  unmount(folder: string): Promise<void>;
  close(): Promise<void>;
}

/** Kernel file systems, where read-only would take away more than writing files. */
const KERNEL_TYPES = new Set([
  "proc",
  "sysfs",
  "devpts",
  "devtmpfs",
  "mqueue",
  "cgroup",
  "cgroup2",
  "debugfs",
  "tracefs",
]);

/** Flags that an unprivileged remount must repeat, or the kernel refuses it. */
const LOCKED_FLAGS = new Set(["nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime"]);

/**
 * First two arguments: the folder that stays writable, and where the command sees it. Then pairs: mount point, its flags.
 * One word list goes out at the end: `ready`, then every mount that could not be made read-only.
 */
const SETUP = `
mount --bind "$1" "$2" || exit 9
shift 2
left=
while [ $# -ge 2 ]; do
  mount -o "remount,bind,ro,$2" "$1" 2>/dev/null || left="$left $1"
  shift 2
done
mount -t tmpfs -o mode=1777 apr-shm /dev/shm 2>/dev/null
echo "ready$left"
while read -r _; do :; done
`;

/** A host that needs longer for a few mounts does not work. */
const SETUP_TIMEOUT_MS = 5000;

const CHANGE_FOLDER = 'cd "$1" && shift && exec "$@"';

/**
 * Opens a cell whose only writable folder is `folder`, seen by the command as `inside`;
 * or an open one, where both are the same, when the host forbids namespaces.
 */
export async function openCell(world: World, tools: Tools, folder: string, inside: string): Promise<Cell> {
  const { sh, unshare, nsenter, mount, umount } = tools;
  if (sh === undefined || unshare === undefined || nsenter === undefined || mount === undefined) {
    return openAir("not confined: unshare, nsenter or mount is missing (package util-linux)");
  }
  const attempts = world.host.uid === 0 ? [["-m"], ["-Urm"]] : [["-Urm"]];
  for (const flags of attempts) {
    const holder = await world.processes.spawn({
      argv: [unshare, ...flags, sh, "-c", SETUP, "sh", folder, inside, ...(await mountPoints(world, inside))],
      cwd: "/",
      env: { LC_ALL: "C", PATH: world.env["PATH"] ?? "/usr/bin:/bin" },
      captureBytes: 64 * 1024,
      stdin: "pipe",
    });
    await within(world, holder.firstOutput, SETUP_TIMEOUT_MS);
    const [word, ...left] = holder.stdout().text.trim().split(" ");
    if (word === "ready") {
      const user = flags[0] === "-Urm";
      return new Namespace(world, holder, { sh, unshare, nsenter, mount, umount }, user, left);
    }
    world.processes.signal(-holder.pid, "SIGKILL");
    holder.release();
  }
  return openAir(
    "not confined: this host forbids user namespaces (sysctl kernel.unprivileged_userns_clone, AppArmor or seccomp)",
  );
}

function openAir(note: string): Cell {
  return {
    confined: false,
    notes: [note],
    enter: () => [],
    view: (path) => path,
    inhabits: () => false,
    mountSmall: () => Promise.resolve(false),
    unmount: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

interface CellTools {
  readonly sh: string;
  readonly unshare: string;
  readonly nsenter: string;
  readonly mount: string;
  readonly umount: string | undefined;
}

class Namespace implements Cell {
  readonly confined = true;
  readonly notes: readonly string[];
  readonly #world: World;
  readonly #holder: Child;
  readonly #tools: CellTools;
  readonly #user: boolean;
  readonly #space: string;

  constructor(world: World, holder: Child, tools: CellTools, user: boolean, left: readonly string[]) {
    this.#world = world;
    this.#holder = holder;
    this.#tools = tools;
    this.#user = user;
    this.#space = world.processes.mountSpaceOf(holder.pid) ?? "";
    this.notes = left.length === 0 ? [] : [`still writable for the command: ${left.join(" ")}`];
  }

  #join(): string[] {
    const target = ["-t", String(this.#holder.pid), "-m"];
    return [this.#tools.nsenter, ...target, ...(this.#user ? ["-U", "--preserve-credentials"] : []), "--"];
  }

  enter(cwd: string): readonly string[] {
    const { uid, gid } = this.#world.host;
    // Inside, the person's own id again and no privilege: a command must not think that it is root.
    const again = this.#user
      ? [this.#tools.unshare, "-U", `--map-user=${uid}`, `--map-group=${gid}`, "--"]
      : [];
    return [...this.#join(), ...again, this.#tools.sh, "-c", CHANGE_FOLDER, "sh", cwd];
  }

  view(path: string): string {
    return `/proc/${this.#holder.pid}/root${path}`;
  }

  inhabits(pid: number): boolean {
    return pid !== this.#holder.pid && this.#world.processes.mountSpaceOf(pid) === this.#space;
  }

  async mountSmall(folder: string, bytes: number): Promise<boolean> {
    const options = `size=${bytes},mode=0755`;
    const argv = [...this.#join(), this.#tools.mount, "-t", "tmpfs", "-o", options, "apr-small", folder];
    return (await runTool(this.#world, argv as [string, ...string[]])).code === 0;
  }

  async unmount(folder: string): Promise<void> {
    const argv = [...this.#join(), this.#tools.umount ?? "umount", "-l", folder];
    await runTool(this.#world, argv as [string, ...string[]]);
  }

  async close(): Promise<void> {
    this.#holder.closeInput();
    this.#world.processes.signal(-this.#holder.pid, "SIGKILL");
    await this.#holder.exited;
    this.#holder.release();
  }
}

/** Every mount that can hold files, outermost first, as pairs of mount point and flags. */
async function mountPoints(world: World, folder: string): Promise<string[]> {
  const limitBytes = 4 * 1024 * 1024;
  const text = Buffer.from(await world.files.readBounded("/proc/self/mountinfo", limitBytes)).toString(
    "utf8",
  );
  const pairs: string[] = [];
  for (const line of text.split("\n")) {
    const fields = line.split(" ");
    const type = fields[fields.indexOf("-") + 1];
    const point = fields[4]?.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    if (point === undefined || type === undefined || KERNEL_TYPES.has(type) || point === folder) continue;
    if (point === "/dev" || point.startsWith("/dev/")) continue;
    const flags = (fields[5] ?? "").split(",").filter((flag) => LOCKED_FLAGS.has(flag));
    pairs.push(point, flags.length === 0 ? "relatime" : flags.join(","));
  }
  return pairs;
}
