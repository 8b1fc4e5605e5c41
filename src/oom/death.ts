import type { GroupDelta } from "../observe/group-watch.ts";
import type { MemoryLimits } from "../observe/mappings.ts";
import type { Seen } from "../observe/members.ts";
import { type OomCause, causeOf } from "./cause.ts";
import type { Recognised } from "./recognise/types.ts";

/** All that is known of how a program ended. Plain data. */
export interface DeathEvidence {
  readonly exitCode: number | null;
  readonly signal: number | null;
  /** Out-of-memory messages on its stderr, in their order. */
  readonly words: readonly Recognised[];
  /** Kills in the kernel's log since the start; null when it could not be read. */
  readonly kernel: readonly Recognised[] | null;
  readonly groups: readonly GroupDelta[];
  /** Every process of the tree that was seen, the program first. */
  readonly processes: readonly Seen[];
  /** The process that was largest when the tree was. */
  readonly largest: Seen | undefined;
  readonly limits: MemoryLimits | undefined;
}

const SIGKILL = 9;
/** A group that was filled to this part when the program was killed counts as full. */
const FULL = 0.95;
/** Messages this close to the last one tell of the same failure. */
const BURST_CHARS = 8192;

/**
 * Who ended a program for want of memory; null when nothing tells of it. The kernel's record counts most, then the
 * counters of the program's own groups, then the program's last words. Pure.
 */
export function judgeDeath(evidence: DeathEvidence): OomCause | null {
  return byKernel(evidence) ?? byGroup(evidence) ?? byWords(evidence);
}

/** True when the program ended well: what it met on its way is a note then, no death. */
export function succeeded({ exitCode }: Pick<DeathEvidence, "exitCode">): boolean {
  return exitCode === 0;
}

function byKernel({ kernel, processes, groups }: DeathEvidence): OomCause | null {
  for (const record of kernel ?? []) {
    const victim = processes.find(({ pid }) => pid === record.process?.pid);
    if (victim === undefined) continue;
    const { text, offset: _, process, ...rest } = record;
    const group = groups.find(({ place }) => place.name === record.group) ?? groups.find(isKiller);
    return {
      ...rest,
      ...(record.killer === "cgroup" && group !== undefined ? limitOf(group) : {}),
      process: { pid: victim.pid, name: process?.name ?? victim.name, command: victim.command },
      message: text,
      certainty: "observed",
      evidence: ["the kernel's log names the process", ...groups.filter(isKiller).map(counted)],
    };
  }
  return null;
}

const isKiller = ({ oomKills }: GroupDelta): boolean => oomKills > 0;

function counted({ place, oomKills }: GroupDelta): string {
  return `cgroup v${place.version} ${place.name}: ${oomKills} killed for want of memory`;
}

/** The limit that a group ran into, and what it had then. */
function limitOf({ place, facts, lastUsageBytes }: GroupDelta): Partial<OomCause> {
  const file = place.version === 2 ? "memory.max" : "memory.limit_in_bytes";
  // The peak is the group's, in its whole life; where the limit was reached in this run it is the usage at death.
  const used = facts.peakBytes ?? lastUsageBytes ?? facts.usageBytes;
  return {
    group: place.name,
    ...(facts.limitBytes === null
      ? {}
      : { limitBytes: facts.limitBytes, limit: `cgroup ${file} of ${place.name}` }),
    ...(used === null
      ? {}
      : { usedBytes: facts.limitBytes === null ? used : Math.min(used, facts.limitBytes) }),
  };
}

/**
 * A group's counter went up, but no record names the process: it is the program where SIGKILL ended it, else the
 * largest process that has gone. Other programs may live in the same group, so without either it is not ours.
 */
function byGroup({ kernel, groups, signal, exitCode, processes, largest }: DeathEvidence): OomCause | null {
  const killed = signal === SIGKILL || exitCode === 128 + SIGKILL;
  const group = groups.find(isKiller) ?? (killed && kernel === null ? groups.find(isFull) : undefined);
  if (group === undefined) return null;
  const [root] = processes;
  const gone = largest?.alive === false && largest.pid !== root?.pid ? largest : undefined;
  const victim = gone ?? (killed ? root : undefined);
  if (victim === undefined) return null;
  return {
    killer: "cgroup",
    tool: "cgroup",
    ...limitOf(group),
    process: { pid: victim.pid, name: victim.name, command: victim.command },
    certainty: "derived",
    evidence: [
      isKiller(group) ? counted(group) : `cgroup ${group.place.name} was full when SIGKILL came`,
      killed ? "the program was ended by SIGKILL" : "the largest process has gone",
    ],
  };
}

function isFull({ failures, facts, lastUsageBytes }: GroupDelta): boolean {
  return failures > 0 && facts.limitBytes !== null && (lastUsageBytes ?? 0) >= FULL * facts.limitBytes;
}

function byWords({ words, processes, largest, limits }: DeathEvidence): OomCause | null {
  const last = words.at(-1);
  if (last === undefined) return null;
  const told = tellingMost(words, last);
  const cause = causeOf(told);
  const teller = processes.find(({ pid }) => pid === told.process?.pid) ?? largest ?? processes[0];
  const process =
    teller === undefined ? cause.process : { pid: teller.pid, name: teller.name, command: teller.command };
  return {
    ...cause,
    ...(process === undefined ? {} : { process }),
    ...rlimit(told, limits),
    evidence: [
      ...cause.evidence,
      ...(processes.length > 1 && told.process === undefined
        ? ["the process is the largest of the tree"]
        : []),
    ],
  };
}

/**
 * One failure is often told several times, and its handler may fail in its turn, for less: of the last messages of the
 * same kind, close together, the one with the largest figure says what was wanted.
 */
function tellingMost(words: readonly Recognised[], last: Recognised): Recognised {
  const burst = words.filter(
    ({ killer, offset }) => killer === last.killer && offset >= last.offset - BURST_CHARS,
  );
  return burst.reduce(
    (most, each) => ((each.requestedBytes ?? -1) > (most.requestedBytes ?? -1) ? each : most),
    last,
  );
}

/** An allocator or a runtime in the program itself was refused: by a limit on the process, where it had one. */
function rlimit({ killer, limitBytes }: Recognised, limits: MemoryLimits | undefined): Partial<OomCause> {
  if (killer === "gpu" || limitBytes !== undefined || limits === undefined) return {};
  const { addressSpaceBytes, dataBytes } = limits;
  if (addressSpaceBytes !== null) return { limit: "RLIMIT_AS", limitBytes: addressSpaceBytes };
  return dataBytes === null ? {} : { limit: "RLIMIT_DATA", limitBytes: dataBytes };
}
