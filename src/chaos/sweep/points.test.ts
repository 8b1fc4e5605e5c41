import { describe, expect, test } from "vitest";
import { ordered } from "./order.ts";
import { injection, pointId } from "./point.ts";
import { pointsOf } from "./points.ts";
import { chosen } from "./share.ts";
import { readCalls } from "./syscalls.ts";
import type { Task } from "./task.ts";

const OWN = {
  folder: "/s",
  output: "/s/out/out",
  model: "/s/model/m",
  state: null,
  stdout: "/s/notes/stdout",
  notes: "/s/notes",
};

const ONE_THREAD = [
  '1 execve("/bin/x", ["x"], 0x1) = 0',
  "1 brk(NULL) = 0x1000",
  "1 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x2000",
  '1 openat(AT_FDCWD</s/work>, "/lib/libc.so.6", O_RDONLY) = 3</lib/libc.so.6>',
  "1 munmap(0x2000, 8192) = 0",
  "1 brk(0x3000) = 0x3000",
  '1 openat(AT_FDCWD</s/work>, "/s/out/out", O_WRONLY|O_CREAT, 0644) = 4</s/out/out>',
  '1 write(4</s/out/out>, "x", 1) = 1',
  '1 write(2</s/notes/stderr>, "x", 1) = 1',
  '1 write(4</s/out/out>, "y", 1) = 1',
];

const points = (lines: readonly string[]) => {
  const calls = readCalls(lines.join("\n"), "/s/work");
  return pointsOf(calls, calls, OWN);
};
const ids = (lines: readonly string[]): string[] => points(lines).map(pointId);

describe("points of a run", () => {
  test("are its own calls, counted with all others", () => {
    const found = ids(ONE_THREAD);
    expect(found).toContain("ENOSPC:write:1");
    expect(found).toContain("ENOSPC:write:3");
    expect(found).not.toContain("ENOSPC:write:2");
    expect(found).toContain("EACCES:openat:2");
    expect(found).not.toContain("EACCES:openat:1");
  });

  test("last only on their own file, so that a message can still be written", () => {
    const lasting = points(ONE_THREAD).filter(({ sustained, call }) => sustained && call === "write");
    expect(lasting.map(({ path }) => path)).toEqual(
      Array.from({ length: lasting.length }, () => "/s/out/out"),
    );
    expect(lasting.map(({ fault }) => fault)).not.toContain("EINTR");
    expect(lasting.filter(({ fault }) => fault === "ENOSPC").map(({ occurrence }) => occurrence)).toEqual([
      1, 2,
    ]);
  });

  test("leave the loader's memory alone", () => {
    expect(ids(ONE_THREAD).filter((id) => id.startsWith("ENOMEM"))).toEqual([
      "ENOMEM:brk:2",
      "ENOMEM:brk:2+",
    ]);
  });

  test("name their file where several threads count", () => {
    const two = [...ONE_THREAD, '2 write(9</elsewhere>, "z", 1) = 1'];
    expect(ids(two)).toContain("ENOSPC:write:1@output");
    expect(ids(two)).not.toContain("ENOSPC:write:1");
  });

  test("tell strace what to do; a refused brk is no error number", () => {
    const texts = points(ONE_THREAD).map((point) => injection(point).inject);
    expect(texts).toContain("inject=write:error=ENOSPC:when=3");
    expect(texts).toContain("inject=write:error=ENOSPC:when=2+");
    expect(texts).toContain("inject=write:signal=SIGKILL:when=1");
    expect(texts).toContain("inject=brk:retval=0:when=2");
  });
});

describe("order and choice", () => {
  const many = Array.from({ length: 9 }, (_, index) => `1 write(4</s/out/out>, "x", ${index}) = 1`);

  test("the first and the last write come before those between, and nothing is lost", () => {
    const all = points(many);
    const order = ordered(all);
    expect(new Set(order)).toEqual(new Set(all));
    const single = order.filter(({ fault, sustained }) => fault === "ENOSPC" && !sustained);
    expect(single.map(({ occurrence }) => occurrence).slice(0, 4)).toEqual([1, 9, 2, 5]);
  });

  const tasks = Array.from({ length: 100 }, (_, index) => ({ id: String(index) }) as Task);
  const idsOf = (found: readonly Task[]): string[] => found.map(({ id }) => id);

  test("shards share all of it", () => {
    const parts = [1, 2, 3].map((index) => chosen(tasks, { shard: { index, count: 3 }, sample: null }));
    expect(parts.flat().length).toBe(100);
    expect(new Set(parts.flat()).size).toBe(100);
  });

  test("a sample is drawn by its seed", () => {
    const draw = (seed: number) => idsOf(chosen(tasks, { shard: null, sample: { points: 10, seed } }));
    expect(draw(1)).toHaveLength(10);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});
