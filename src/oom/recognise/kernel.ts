import { bytesOf, known } from "./sizes.ts";
import type { Rule, Told } from "./types.ts";

// Source of the wordings: mm/oom_kill.c and mm/memcontrol.c of Linux, src/core/unit.c of systemd.
// A kernel line counts in kB of 2^10 bytes.

const KILLED =
  String.raw`Kill(?:ed)? process (\d{1,10}) \(([^\n]{1,64}?)\),? (?:UID:\d{1,10},? )?` +
  String.raw`total-vm:(\d{1,16})kB, anon-rss:(\d{1,16})kB, file-rss:(\d{1,16})kB(?:, shmem-rss:(\d{1,16})kB)?`;

/** Memory limits of the groups stand some lines before the kill. */
const USAGE = /\bmemory: usage (\d{1,16})kB, limit (\d{1,16})kB/g;
const GROUP = /\boom_memcg=([^,\n]{1,400}),/g;

function readKilled(match: RegExpExecArray): Told {
  const [, pid, name, , ...resident] = match;
  const parts = resident.map((kilobytes) => bytesOf(kilobytes, "kB") ?? 0);
  return known<Told>({
    usedBytes: parts.reduce((sum, part) => sum + part, 0),
    process: { pid: Number(pid), name: name ?? "" },
  });
}

function readMemcg(match: RegExpExecArray, before: string): Told {
  const usage = [...before.matchAll(USAGE)].at(-1);
  return known<Told>({
    ...readKilled(match),
    limitBytes: bytesOf(usage?.[2], "kB"),
    group: [...before.matchAll(GROUP)].at(-1)?.[1],
  });
}

export const kernelRules: readonly Rule[] = [
  {
    tool: "kernel-memcg",
    killer: "cgroup",
    pattern: new RegExp(String.raw`\bMemory cgroup out of memory: ${KILLED}`, "gm"),
    read: readMemcg,
  },
  {
    tool: "kernel-global",
    killer: "kernel",
    pattern: new RegExp(
      String.raw`\bOut of memory(?: \([\w ]{1,40}\))?: (?:Kill process \d{1,10} \([^\n]{1,64}?\) [^\n]{0,80}\n[^\n]{0,60})?${KILLED}`,
      "gm",
    ),
    read: readKilled,
  },
  {
    tool: "systemd",
    killer: "kernel",
    pattern:
      /(?<![\w@.:\\-])([\w@.:\\-]{1,200}\.(?:service|scope|slice)): (?:A process of this unit has been killed by the OOM killer\.(?:\r?\n[^\n]{0,80}\b\1: Failed with result 'oom-kill'\.)?|Failed with result 'oom-kill'\.)/gm,
    read: ([, unit]) => known<Told>({ group: unit }),
  },
];
