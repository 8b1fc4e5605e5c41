import { BUCKETS, bucketOf, histogramOf } from "../buckets.ts";
import type { OomDetail } from "../detail.ts";
import type { Recognised } from "../recognise/types.ts";

/** The table of tasks stands before the kill; a large machine has thousands of them. */
const LOOK_BACK = 4 * 1024 * 1024;

const PAGE_BYTES = 4096;
const KIB = 1024;

/** One row: `[  pid  ]   uid  tgid total_vm      rss …  name`. Columns after `rss` differ between kernels. */
const TASK = /\[ *(\d{1,10})\] +\d{1,10} +(\d{1,10}) +(\d{1,16}) +(\d{1,16}) [-\d ]{1,120} ([^\s]{1,64})$/gm;
const TABLE = /Tasks state \(memory values in pages\)|\[ *pid *\] +uid +tgid/g;

const KILLED =
  /total-vm:(\d{1,16})kB, anon-rss:(\d{1,16})kB, file-rss:(\d{1,16})kB(?:, shmem-rss:(\d{1,16})kB)?/;

/** A process of the kernel's table, in bytes. */
export interface Task {
  readonly pid: number;
  readonly name: string;
  readonly residentBytes: number;
  readonly virtualBytes: number;
}

/** The processes that the kernel chose among for a kill, the largest first. */
export interface KilledProcess {
  readonly tasks: readonly Task[];
}

export function killedProcess(text: string, kill: Recognised): KilledProcess {
  const before = text.slice(Math.max(0, kill.offset - LOOK_BACK), kill.offset);
  const head = [...before.matchAll(TABLE)].at(-1)?.index;
  if (head === undefined) return { tasks: [] };
  const tasks = [...before.slice(head).matchAll(TASK)].map(
    ([, pid, , virtual, resident, name]): Task => ({
      pid: Number(pid),
      name: name ?? "",
      residentBytes: Number(resident) * PAGE_BYTES,
      virtualBytes: Number(virtual) * PAGE_BYTES,
    }),
  );
  return { tasks: tasks.sort((a, b) => b.residentBytes - a.residentBytes) };
}

/** What a kernel's log knows of the process that it killed. Sizes of its processes stand in for sizes of tensors. */
export function kernelDetail(kill: Recognised, killed: KilledProcess | null, source: string): OomDetail {
  const { usedBytes, limitBytes, group, process } = kill;
  const tasks = killed?.tasks ?? [];
  const parts = KILLED.exec(kill.text);
  const virtual = parts === null ? null : Number(parts[1]) * KIB;
  const sizes = tasks.length > 0 ? tasks.map(({ residentBytes }) => residentBytes) : residentParts(parts);
  const counts = new Int32Array(BUCKETS);
  for (const size of sizes) {
    const bucket = bucketOf(size);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return {
    source,
    derived: ["peakAllocatedBytes", "peakReservedBytes", "largestAllocStack", "histogram"],
    ...(usedBytes === undefined ? {} : { peakAllocatedBytes: usedBytes }),
    ...(virtual === null || !Number.isSafeInteger(virtual) ? {} : { peakReservedBytes: virtual }),
    ...(process === undefined
      ? {}
      : {
          largestAllocStack: [
            ...(group === undefined ? [] : [group]),
            `${process.name ?? ""} (${process.pid})`,
          ],
        }),
    ...(sizes.length === 0 ? {} : { histogram: histogramOf(counts) }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    notes: [
      "allocated is the killed process's resident memory at its death, reserved its address space; a kernel's log has no stacks",
      ...(tasks.length > 0
        ? [`the histogram counts the ${tasks.length} processes of the kernel's table by size`]
        : []),
    ],
  };
}

function residentParts(parts: RegExpExecArray | null): number[] {
  return (parts ?? [])
    .slice(2)
    .map((kilobytes) => Number(kilobytes ?? 0) * KIB)
    .filter((bytes) => bytes > 0);
}
