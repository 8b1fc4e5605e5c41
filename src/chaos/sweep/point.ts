/** What the file of a call is to the command. */
export type Role = "output" | "model" | "state" | "file" | "stdout" | "memory" | "network";

/** One place where one fault is injected: everything else of the run is as in the baseline. */
export interface Point {
  readonly kind: "error" | "signal";
  /** An error such as `ENOSPC`, or a signal such as `SIGKILL`. */
  readonly fault: string;
  /** The system call. */
  readonly call: string;
  /** The Nth such call of a thread; of those on `path` where that is set. From 1. */
  readonly occurrence: number;
  /** Every later one fails too. */
  readonly sustained: boolean;
  /** Only calls on this path count; null: all of them. */
  readonly path: string | null;
  readonly role: Role;
  /** The command has several threads: the Nth call may be another one next time, so that its file is looked at. */
  readonly threaded: boolean;
}

/** A point in a few words: `ENOSPC on write #2`, `every EIO from fsync #1 on`. */
export function pointText({ fault, call, occurrence, sustained }: Point): string {
  return sustained ? `every ${fault} from ${call} #${occurrence} on` : `${fault} on ${call} #${occurrence}`;
}

/** A point's name, the same in every run: `ENOSPC:write:2`, `EIO:fsync:1+`. */
export function pointId({ fault, call, occurrence, sustained, path, role }: Point): string {
  return `${fault}:${call}:${occurrence}${sustained ? "+" : ""}${path === null ? "" : `@${role}`}`;
}

/** What strace is told: the calls to watch, and what to do at them. `path` is as the reader sees it. */
export function injection(point: Point): { readonly trace: string; readonly inject: string } {
  const { call, fault, kind, occurrence, sustained } = point;
  // The kernel answers a refused brk with the old end of the heap, never with an error; 0 reads the same and asks anew.
  const refusal = call === "brk" ? "retval=0" : `error=${fault}`;
  const what = kind === "error" ? refusal : `signal=${fault}`;
  return {
    trace: `trace=${call}`,
    inject: `inject=${call}:${what}:when=${occurrence}${sustained ? "+" : ""}`,
  };
}
