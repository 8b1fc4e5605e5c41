/** How many mappings of a process are of which size. */
export type MappingSizes = Readonly<Record<string, number>>;

const KIB = 1024;
const MIB = KIB * 1024;

/** Upper ends of the buckets, not included, bytes. */
const BUCKETS: readonly (readonly [string, number])[] = [
  ["<64KiB", 64 * KIB],
  ["64KiB-1MiB", MIB],
  ["1MiB-16MiB", 16 * MIB],
  ["16MiB-256MiB", 256 * MIB],
  ["256MiB-4GiB", 4096 * MIB],
  [">=4GiB", Number.POSITIVE_INFINITY],
];

/** Counts the writable mappings in a text of `/proc/PID/maps`: those that a program fills. Source: proc_pid_maps(5). */
export function mappingSizes(maps: string): MappingSizes {
  const counts: Record<string, number> = {};
  for (const line of maps.split("\n")) {
    const parts = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) .w/.exec(line);
    if (parts === null) continue;
    const bytes = Number.parseInt(parts[2] ?? "", 16) - Number.parseInt(parts[1] ?? "", 16);
    const name = BUCKETS.find(([, end]) => bytes < end)?.[0] ?? "";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return Object.fromEntries(
    BUCKETS.flatMap(([name]) => (counts[name] === undefined ? [] : [[name, counts[name]]])),
  );
}

/** Soft limits of a process that its memory can run into; null for none. Bytes. */
export interface MemoryLimits {
  readonly addressSpaceBytes: number | null;
  readonly dataBytes: number | null;
}

/** Reads a text of `/proc/PID/limits`. */
export function memoryLimits(limits: string): MemoryLimits {
  const soft = (name: string): number | null => {
    const found = new RegExp(`^${name} +(\\d{1,20}) `, "m").exec(limits)?.[1];
    return found === undefined ? null : Number(found);
  };
  return { addressSpaceBytes: soft("Max address space"), dataBytes: soft("Max data size") };
}
