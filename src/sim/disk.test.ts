import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Deadlock, StepLimit } from "./scheduler.ts";
import { Sim, type SimOptions, type SimWorld } from "./sim.ts";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** Runs one program in a new world. */
async function inSim<T>(
  use: (world: SimWorld, sim: Sim) => Promise<T>,
  options: Partial<SimOptions> = {},
): Promise<T> {
  const sim = new Sim({ choices: 1n, sha256, ...options });
  const { process, world } = sim.start();
  const ended = await sim.run(() => process.run(() => use(world, sim)));
  if (ended.kind === "done") return ended.value;
  throw ended.kind === "failed" ? ended.error : new Error(ended.kind);
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

test("files, folders and links are what they are on a disk", async () => {
  await inSim(async ({ files }) => {
    await files.makeFolder("/a/b");
    await files.write("/a/b/f", "hello");
    await files.symlink("b", "/a/l");
    expect(await files.realPath("/a/l/f")).toBe("/a/b/f");
    expect(text(await files.readBounded("/a/l/f", 10))).toBe("hello");
    expect(await files.facts("/a/l")).toMatchObject({ kind: "link" });
    expect(await files.readSmall("/a/l", 10)).toEqual({ kind: "refused", why: "link" });
    expect(await files.link("/a/b/f", "/a/g")).toBe("linked");
    expect(await files.link("/a/b/f", "/a/g")).toBe("exists");
    expect(await files.facts("/a/g")).toMatchObject({ links: 2, sizeBytes: 5 });
    expect(await files.move("/a/g", "/a/h")).toBe(true);
    expect(await files.move("/a/g", "/a/h")).toBe(false);
    expect(await files.list("/a")).toEqual(["b", "h", "l"]);
    expect(await files.removeEmptyFolder("/a/b")).toBe(false);
    await files.remove("/a/b");
    expect(await files.facts("/a/b/f")).toBeNull();
    expect(await files.facts("/a/h")).toMatchObject({ links: 1 });
    await expect(files.readLink("/a/h")).rejects.toMatchObject({ code: "EINVAL" });
    await expect(files.openRead("/a/l")).rejects.toMatchObject({ code: "ELOOP" });
    await expect(files.createNew("/a/h", 0o600)).rejects.toMatchObject({ code: "EEXIST" });
    expect(await files.makeOneFolder("/a/h")).toBe(false);
    await expect(files.makeOneFolder("/x/y")).rejects.toMatchObject({ code: "ENOENT" });
  });
});

test("a disk is full when it is full, and has room again", async () => {
  const disk = { capacityBytes: 1000, capacityInodes: 4 };
  await inSim(
    async ({ files }) => {
      const file = await files.createNew("/f", 0o600);
      await expect(file.reserve(1001)).rejects.toMatchObject({ code: "ENOSPC" });
      expect(await file.reserve(1000)).toBe(true);
      await file.writeAt(new Uint8Array(1000).fill(1), 0);
      await expect(file.writeAt(Uint8Array.of(1), 1000)).rejects.toMatchObject({ code: "ENOSPC" });
      await files.unlink("/f");
      expect((await files.space("/")).freeBytes).toBe(0);
      await file.close();
      expect(await files.space("/")).toEqual({ freeBytes: 1000, freeInodes: 3 });
      for (const name of ["/1", "/2", "/3"]) await files.write(name, "");
      await expect(files.write("/4", "")).rejects.toMatchObject({ code: "ENOSPC" });
    },
    { disk },
  );
});

test("a crash keeps what was synced, and any part of the rest", async () => {
  const found = new Map<string, number>();
  for (let seed = 0n; seed < 200n; seed++) {
    const sim = new Sim({ choices: seed, sha256 });
    await sim.run(async () => {
      const { process, world } = sim.start();
      await process.run(async () => {
        const file = await world.files.createNew("/f", 0o600);
        await file.writeAt(Buffer.from("synced"), 0);
        await file.sync();
        await world.files.syncFolder("/");
        await file.writeAt(Buffer.from("SYN"), 0);
        await world.files.rename("/f", "/g");
        await world.files.write("/h", "new");
      });
      sim.crash();
      const { process: next, world: after } = sim.start();
      await next.run(async () => {
        const names = await after.files.list("/");
        const bytes = await after.files.readBounded(names.includes("g") ? "/g" : "/f", 99);
        const state = `${names.join("")} ${text(bytes)}`;
        found.set(state, (found.get(state) ?? 0) + 1);
      });
    });
  }
  const states = [...found.keys()];
  expect(states.every((state) => /^(?:f|g|fh|gh) (?:synced|SYNced)$/.test(state))).toBe(true);
  expect(states.length).toBeGreaterThan(6);
});

test("nothing of a dead process comes back, and its open files are closed", async () => {
  const sim = new Sim({ choices: 1n, sha256 });
  const { process, world } = sim.start();
  let after = false;
  const ended = await sim.run(async () => {
    sim.mayKill(process, 1);
    return process.run(async () => {
      const file = await world.files.createNew("/f", 0o600);
      await file.writeAt(Uint8Array.of(1), 0);
      for (;;) {
        await world.timers.sleep(1);
        after = sim.scheduler.steps > 1000;
        if (after) return;
      }
    });
  });
  // A choice of 0 lets it live.
  expect(ended.kind === "killed").toBe(!after);
  expect(world.processes.isAlive(process.pid)).toBe(false);
});

test("time is virtual: a year takes a step, and a wake-up none", async () => {
  await inSim(async ({ clock, timers }, sim) => {
    const [monotonic, wall] = [clock.monotonicMs(), clock.wallMs()];
    await timers.sleep(365 * 86_400_000);
    expect(clock.monotonicMs() - monotonic).toBe(365 * 86_400_000);
    sim.setWall(-1000);
    expect(clock.wallMs() - wall).toBe(365 * 86_400_000 - 1000);
    const wake = new AbortController();
    const sleeping = timers.sleep(1e9, wake.signal);
    wake.abort();
    await sleeping;
    expect(clock.monotonicMs() - monotonic).toBe(365 * 86_400_000);
  });
});

test("a deadlock and a run without end are told", async () => {
  const never = inSim(() => new Promise(() => undefined));
  await expect(never).rejects.toBeInstanceOf(Deadlock);
  const endless = inSim(
    async ({ timers }) => {
      for (;;) await timers.sleep(1);
    },
    { maxSteps: 100 },
  );
  await expect(endless).rejects.toBeInstanceOf(StepLimit);
});

test("the disk fails as often as its plan says, with the system's own errors", async () => {
  const faults = { net: {}, disk: { write: 0.2, sync: 0.2, read: 0.2, full: 0.2 } };
  const codes = await inSim(
    async ({ files }) => {
      const seen: string[] = [];
      const note = (error: unknown): void => void seen.push((error as { code: string }).code);
      const file = await files.createNew("/f", 0o600);
      for (let index = 0; index < 100; index++) {
        await file.writeAt(Uint8Array.of(1), 0).catch(note);
        await file.sync().catch(note);
        await file.readAt(new Uint8Array(1), 0).catch(note);
      }
      return seen;
    },
    { faults },
  );
  expect(new Set(codes)).toEqual(new Set(["EIO", "ENOSPC"]));
  expect(codes.length).toBeGreaterThan(40);
});
