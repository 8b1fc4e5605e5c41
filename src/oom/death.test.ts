import { describe, expect, test } from "vitest";
import type { GroupDelta } from "../observe/group-watch.ts";
import type { Seen } from "../observe/members.ts";
import { type DeathEvidence, judgeDeath } from "./death.ts";
import { recognise } from "./recognise/recognise.ts";

const MIB = 2 ** 20;
const KERNEL =
  "Memory cgroup out of memory: Killed process 12 (hog) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB";

const process = (pid: number, parent: number, name: string, alive = true): Seen => ({
  ...{ pid, parent, name, alive, command: [name, "--flag"], rssBytes: pid * MIB, peakRssBytes: pid * MIB },
});
const root = process(10, 1, "sh");
const hog = process(12, 10, "hog", false);

const group = (of: Partial<GroupDelta>, limitBytes: number | null = 100 * MIB): GroupDelta => ({
  place: { version: 2, name: "/box", folder: "/sys/fs/cgroup/box", mount: "/sys/fs/cgroup" },
  ...{ oomKills: 0, failures: 0, lastUsageBytes: null },
  facts: {
    limitBytes,
    usageBytes: null,
    peakBytes: null,
    reclaimableBytes: 0,
    oomKills: null,
    failures: null,
  },
  ...of,
});

const base: DeathEvidence = {
  ...{ exitCode: 3, signal: null, words: [], kernel: [], groups: [], limits: undefined },
  ...{ processes: [root, hog], largest: hog },
};

describe("who killed it", () => {
  test("the kernel's record names a process of the tree", () => {
    const cause = judgeDeath({ ...base, kernel: recognise(KERNEL), groups: [group({ oomKills: 1 })] });
    expect(cause).toMatchObject({
      ...{
        killer: "cgroup",
        certainty: "observed",
        limitBytes: 100 * MIB,
        limit: "cgroup memory.max of /box",
      },
      process: { pid: 12, name: "hog", command: ["hog", "--flag"] },
    });
  });

  test("a record of somebody else's process does not count", () => {
    const other = recognise(KERNEL.replace("process 12", "process 99"));
    expect(judgeDeath({ ...base, exitCode: null, signal: 9, kernel: other })).toBeNull();
  });

  test("the group's counter, and the largest process has gone", () => {
    const groups = [group({ oomKills: 1 })];
    expect(judgeDeath({ ...base, kernel: null, groups })).toMatchObject({
      killer: "cgroup",
      tool: "cgroup",
      certainty: "derived",
      process: { pid: 12 },
    });
    // All of the tree is there: the kill was somebody else's in the same group.
    expect(judgeDeath({ ...base, kernel: null, groups, processes: [root], largest: root })).toBeNull();
  });

  test("SIGKILL while the group was full, where no counter and no log can be read", () => {
    const full = [group({ failures: 5, lastUsageBytes: 99 * MIB })];
    const killed = { ...base, exitCode: null, signal: 9, processes: [root], largest: root };
    expect(judgeDeath({ ...killed, kernel: null, groups: full })).toMatchObject({
      certainty: "derived",
      process: { pid: 10 },
    });
    expect(judgeDeath({ ...killed, kernel: [], groups: full })).toBeNull();
    expect(
      judgeDeath({ ...killed, kernel: null, groups: [group({ failures: 5, lastUsageBytes: 50 * MIB })] }),
    ).toBeNull();
    expect(judgeDeath({ ...killed, kernel: null, groups: [group({ lastUsageBytes: 99 * MIB })] })).toBeNull();
  });

  test("a plain SIGKILL is no out-of-memory", () => {
    expect(judgeDeath({ ...base, exitCode: null, signal: 9 })).toBeNull();
  });

  test("the program's words, with the limit on the process", () => {
    const words = recognise("memory allocation of 1000 bytes failed\nmemory allocation of 10 bytes failed\n");
    const limits = { addressSpaceBytes: 64 * MIB, dataBytes: null };
    expect(judgeDeath({ ...base, words, limits })).toMatchObject({
      ...{
        killer: "allocator",
        tool: "rust",
        requestedBytes: 1000,
        limit: "RLIMIT_AS",
        limitBytes: 64 * MIB,
      },
      process: { pid: 12 },
    });
  });

  test("a limit on the process has nothing to do with a GPU's memory", () => {
    const words = recognise("ggml_vulkan: Device memory allocation of size 5 failed");
    const cause = judgeDeath({ ...base, words, limits: { addressSpaceBytes: 1, dataBytes: 1 } });
    expect(cause).toMatchObject({ killer: "gpu", requestedBytes: 5 });
    expect(cause).not.toHaveProperty("limit");
  });
});
