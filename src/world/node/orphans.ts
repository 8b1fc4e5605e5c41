// Orphans of our descendants become our own children, so that none can get away.
// Source: Linux prctl(2), PR_SET_CHILD_SUBREAPER.

const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

interface Libc {
  readonly prctl: (option: number, a: number, b: number, c: number, d: number) => number;
  readonly waitpid: (pid: number, status: Int32Array, options: number) => number;
}

let libc: Libc | undefined;

/** False where the native bridge is missing or the kernel refuses. */
export async function becomeSubreaper(): Promise<boolean> {
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load("libc.so.6");
    libc = {
      prctl: library.func("int prctl(int option, ulong a, ulong b, ulong c, ulong d)") as Libc["prctl"],
      waitpid: library.func("int waitpid(int pid, int *status, int options)") as Libc["waitpid"],
    };
    return libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) === 0;
  } catch {
    libc = undefined;
    return false;
  }
}

export function canReap(): boolean {
  return libc !== undefined;
}

export function reapOrphan(pid: number): void {
  libc?.waitpid(pid, new Int32Array(1), WNOHANG);
}
