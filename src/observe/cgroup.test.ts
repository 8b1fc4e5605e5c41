import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempDir } from "../../test/support/temp.ts";
import { systemFiles } from "../world/node/system-files.ts";
import { availableMemory } from "./available.ts";
import { readGroup } from "./cgroup.ts";
import { mountsIn, placeIn, withParents } from "./cgroup-place.ts";
import { GroupWatch } from "./group-watch.ts";

const MIB = 2 ** 20;

/** A tree of files as the kernel shows it, in a folder of its own. */
function tree(files: Readonly<Record<string, string>>): string {
  const root = tempDir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const V2_MOUNT = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const MEMINFO = "MemTotal:       16000000 kB\nMemAvailable:   8000000 kB\n";
const NO_LIMITS = "Max address space         unlimited            unlimited            bytes     \n";

/** A pod whose limit stands on the group above the program's own, as on a cluster. */
const V2: Readonly<Record<string, string>> = {
  "proc/self/cgroup": "0::/pod/box\n",
  "proc/7/cgroup": "0::/pod/box\n",
  "proc/self/mountinfo": V2_MOUNT,
  "proc/self/limits": NO_LIMITS,
  "proc/meminfo": MEMINFO,
  "sys/fs/cgroup/memory.stat": "anon 1\n",
  "sys/fs/cgroup/pod/memory.current": `${400 * MIB}\n`,
  "sys/fs/cgroup/pod/memory.peak": `${500 * MIB}\n`,
  "sys/fs/cgroup/pod/memory.max": `${512 * MIB}\n`,
  "sys/fs/cgroup/pod/memory.stat": `anon 5\ninactive_file ${100 * MIB}\n`,
  "sys/fs/cgroup/pod/memory.events": "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n",
  "sys/fs/cgroup/pod/box/memory.current": `${300 * MIB}\n`,
  "sys/fs/cgroup/pod/box/memory.max": "max\n",
  "sys/fs/cgroup/pod/box/memory.events": "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n",
};

describe("cgroup v2", () => {
  test("the group, its limit and its events", () => {
    const root = tree(V2);
    const place = placeIn("0::/pod/box\n", mountsIn(V2_MOUNT), root);
    expect(place).toMatchObject({
      version: 2,
      name: "/pod/box",
      folder: join(root, "sys/fs/cgroup/pod/box"),
    });
    const [box, pod, top, ...others] = withParents(place!);
    expect(others).toEqual([]);
    expect(top).toMatchObject({ name: "/", folder: join(root, "sys/fs/cgroup") });
    expect(readGroup(systemFiles, box!)).toMatchObject({
      usageBytes: 300 * MIB,
      limitBytes: null,
      peakBytes: null,
      oomKills: 0,
    });
    expect(readGroup(systemFiles, pod!)).toEqual({
      ...{ usageBytes: 400 * MIB, peakBytes: 500 * MIB, limitBytes: 512 * MIB, reclaimableBytes: 100 * MIB },
      ...{ oomKills: 1, failures: 12 },
    });
  });

  test("what changed while it was watched, in the group and above it", () => {
    const root = tree(V2);
    const watch = new GroupWatch(systemFiles, root);
    watch.include(7);
    writeFileSync(join(root, "sys/fs/cgroup/pod/memory.current"), `${511 * MIB}\n`);
    watch.sample();
    writeFileSync(join(root, "sys/fs/cgroup/pod/memory.events"), "max 40\noom_kill 3\n");
    const deltas = watch.deltas();
    expect(deltas.map(({ place, oomKills, failures }) => [place.name, oomKills, failures])).toEqual([
      ["/pod/box", 0, 0],
      ["/pod", 2, 28],
      ["/", 0, 0],
    ]);
    expect(deltas[1]?.lastUsageBytes).toBe(511 * MIB);
  });

  test("a group that a process moves into later is watched from then on", () => {
    const root = tree(V2);
    const watch = new GroupWatch(systemFiles, root);
    watch.include("self");
    writeFileSync(join(root, "proc/7/cgroup"), "0::/other\n");
    mkdirSync(join(root, "sys/fs/cgroup/other"));
    writeFileSync(join(root, "sys/fs/cgroup/other/memory.events"), "oom_kill 5\n");
    watch.include(7);
    appendFileSync(join(root, "sys/fs/cgroup/other/memory.events"), "");
    writeFileSync(join(root, "sys/fs/cgroup/other/memory.events"), "oom_kill 6\n");
    expect(watch.deltas().find(({ place }) => place.name === "/other")?.oomKills).toBe(1);
  });

  test("room: what the limit above leaves, its idle page cache counted as free", () => {
    expect(availableMemory(systemFiles, tree(V2))).toEqual({
      bytes: 212 * MIB,
      source: "memory limit of cgroup /pod",
    });
  });

  test("a container's mount, whose root is the container's own group", () => {
    const mounts = mountsIn("5 4 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
    expect(placeIn("0::/docker/abc/x\n", mounts)?.folder).toBe("/sys/fs/cgroup/x");
    expect(placeIn("0::/docker/abc\n", mounts)?.folder).toBe("/sys/fs/cgroup/");
    // A group outside the container's view is shown with dots: nothing outside is ever read.
    expect(placeIn("0::/../../else\n", mounts)?.folder).toBe("/sys/fs/cgroup/");
  });
});

describe("cgroup v1", () => {
  const mountinfo =
    "30 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n31 23 0:28 / /sys/fs/cgroup/unified rw - cgroup2 c rw\n";

  test("the memory controller comes before the unified hierarchy", () => {
    const root = tree({
      "sys/fs/cgroup/memory/box/memory.usage_in_bytes": "1000\n",
      "sys/fs/cgroup/memory/box/memory.max_usage_in_bytes": "2000\n",
      "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "3000\n",
      "sys/fs/cgroup/memory/box/memory.failcnt": "4\n",
      "sys/fs/cgroup/memory/box/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    });
    const place = placeIn("4:memory:/box\n0::/elsewhere\n", mountsIn(mountinfo), root);
    expect(place).toMatchObject({ version: 1, name: "/box" });
    const [box, top] = withParents(place!).map((each) => readGroup(systemFiles, each));
    expect(box).toMatchObject({
      usageBytes: 1000,
      peakBytes: 2000,
      limitBytes: 3000,
      failures: 4,
      oomKills: 2,
    });
    expect(top?.limitBytes).toBeNull();
  });
});

test("without cgroups, the machine's own figure and the process's limits count", () => {
  const bare = { "proc/meminfo": MEMINFO, "proc/self/limits": NO_LIMITS };
  expect(availableMemory(systemFiles, tree(bare))?.bytes).toBe(8_000_000 * 1024);
  const limited =
    "Max data size             unlimited   unlimited  bytes\nMax address space         1048576     unlimited  bytes\n";
  expect(availableMemory(systemFiles, tree({ ...bare, "proc/self/limits": limited }))).toEqual({
    bytes: MIB,
    source: "RLIMIT_AS",
  });
  expect(availableMemory(systemFiles, tree({ "proc/self/limits": NO_LIMITS }))).toBeUndefined();
});
