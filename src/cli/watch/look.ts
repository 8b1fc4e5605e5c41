import { basename } from "node:path";
import type { Store } from "../../store/store.ts";
import { listTransfers, type Unfinished } from "../../transfer/transfers.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { World } from "../../world/world.ts";

/** A command of apr that is running, and what it has started. */
export interface LiveRun {
  readonly pid: number;
  /** Its words up to the first flag, such as `run` or `qa chaos`. */
  readonly command: string;
  /** The program behind `--`, without its arguments: they may hold secrets. Null where there is none. */
  readonly program: string | null;
  /** Below apr itself. */
  readonly processes: number;
  /** Sum of resident sizes of those; shared pages count once for each of their users. */
  readonly memoryBytes: number;
}

/** What goes on at one moment. */
export interface Look {
  readonly atMs: number;
  readonly transfers: readonly Unfinished[];
  readonly runs: readonly LiveRun[];
}

type ProcessWorld = Pick<World, "processes" | "clock" | "host">;

/** A tree deeper or wider than this is not followed: a fork bomb must not stop whoever watches it. */
const MAX_MEMBERS = 10_000;
/** Commands of one or two words. */
const TWO_WORDS: ReadonlySet<string> = new Set(["qa", "sim", "oom", "proof", "crashpack", "transfers"]);
const OWN_NAMES: ReadonlySet<string> = new Set(["apr", "apr.cjs"]);

/** Looks at the store's transfers and at the machine's processes. */
export async function look(world: ProcessWorld, store: Store | null): Promise<Look> {
  const transfers = store === null ? [] : await listTransfers(nodeTransferWorld, store);
  return { atMs: world.clock.monotonicMs(), transfers, runs: liveRuns(world) };
}

/** Every command of apr on this machine, but for this one and others that watch. */
function liveRuns({ host, processes }: ProcessWorld): readonly LiveRun[] {
  return processes.all().flatMap((pid): LiveRun[] => {
    if (pid === host.pid) return [];
    const words = ownWords(processes.commandLine(pid));
    if (words === null || !processes.isAlive(pid)) return [];
    const cut = words.indexOf("--");
    const program = cut === -1 ? undefined : words[cut + 1];
    const own = (cut === -1 ? words : words.slice(0, cut)).filter((word) => !word.startsWith("-"));
    const [first = "", second = ""] = own;
    if (first === "" || first === "watch" || first.startsWith("__")) return [];
    const command = TWO_WORDS.has(first) ? `${first} ${second}`.trimEnd() : first;
    const sizes = membersBelow(processes, pid).map((each) => processes.facts(each)?.rssBytes ?? 0);
    return [
      {
        ...{ pid, command, program: program === undefined ? null : basename(program) },
        processes: sizes.length,
        memoryBytes: sizes.reduce((sum, each) => sum + each, 0),
      },
    ];
  });
}

/** The words given to apr; null for any other program. */
function ownWords(line: readonly string[]): readonly string[] | null {
  const [runtime = "", script = ""] = line;
  return basename(runtime) === "node" && OWN_NAMES.has(basename(script)) ? line.slice(2) : null;
}

function membersBelow(processes: World["processes"], root: number): readonly number[] {
  const found = new Set<number>();
  const queue = [...processes.children(root)];
  for (let pid = queue.pop(); pid !== undefined && found.size < MAX_MEMBERS; pid = queue.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    queue.push(...processes.children(pid));
  }
  return [...found];
}
