import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { onTestFinished, type TestContext } from "vitest";
import { notOnThisHost } from "../needs.ts";

const V1 = "/sys/fs/cgroup/memory";

export interface MemoryGroup {
  readonly name: string;
  /** A shell command that moves the shell itself into the group. */
  readonly enter: string;
}

/** A memory group (cgroup v1) with a limit, removed after the test; without the right to make one it is not run. */
export function memoryGroup(context: TestContext, limitBytes: number): MemoryGroup {
  const name = `/apr-test-${process.pid}-${Date.now()}`;
  const folder = V1 + name;
  if (!existsSync(`${V1}/memory.limit_in_bytes`))
    return notOnThisHost(context, "a mounted cgroup v1 memory controller");
  try {
    mkdirSync(folder);
    writeFileSync(`${folder}/memory.limit_in_bytes`, String(limitBytes));
  } catch {
    return notOnThisHost(context, "the right to make a memory cgroup");
  }
  onTestFinished(() => rmdirSync(folder));
  return { name, enter: `echo $$ > ${folder}/tasks` };
}
