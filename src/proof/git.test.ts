import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { needs } from "../../test/support/needs.ts";
import { tempDir } from "../../test/support/temp.ts";
import { nodeWorld } from "../world/node/world.ts";
import { readChanges, readCommit } from "./git.ts";

function repository(): { readonly dir: string; readonly git: (...args: readonly string[]) => string } {
  const dir = tempDir();
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd: dir,
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "main");
  return { dir, git };
}

test("a work tree is told with its commit, branch and changes", async (context) => {
  needs(context, "git");
  const { dir, git } = repository();
  expect(await readCommit(nodeWorld, dir)).toEqual({
    ...{ commit: null, branch: "main", dirty: false, dirty_files: [], complete: true },
  });
  for (const name of ["a", "b", "c"]) writeFileSync(join(dir, name), name);
  git("add", ".");
  git("commit", "-qm", "one");
  const before = await readCommit(nodeWorld, dir);
  expect(before).toMatchObject({ commit: git("rev-parse", "HEAD"), dirty: false });
  writeFileSync(join(dir, "a"), "other");
  git("commit", "-qam", "two");
  writeFileSync(join(dir, "b"), "other");
  writeFileSync(join(dir, 'new\n"name"'), "x");
  git("checkout", "-q", "--detach");
  mkdirSync(join(dir, "sub"));
  const after = await readCommit(nodeWorld, join(dir, "sub"));
  expect(after).toMatchObject({ branch: null, dirty: true, complete: true });
  expect(after?.dirty_files).toEqual([
    { path: "b", status: " M" },
    { path: 'new\n"name"', status: "??" },
  ]);
  expect(await readChanges(nodeWorld, join(dir, "sub"), before, after)).toEqual({
    files: [
      { path: "a", status: "M" },
      { path: "b", status: "M" },
      { path: 'new\n"name"', status: "??" },
    ],
    complete: true,
  });
});

test("outside of a work tree, and without git, there is nothing to tell", async (context) => {
  needs(context, "git");
  const dir = tempDir();
  const env = { ...nodeWorld.env, GIT_CEILING_DIRECTORIES: dir };
  expect(await readCommit({ ...nodeWorld, env }, dir)).toBeNull();
  const { dir: there } = repository();
  expect(await readCommit({ ...nodeWorld, env: { PATH: dir } }, there)).toBeNull();
  expect(await readChanges(nodeWorld, dir, null, null)).toEqual({ files: [], complete: true });
});

test("more files than a bundle holds are counted out, and no program of the repository runs", async (context) => {
  needs(context, "git", "sh");
  const { dir, git } = repository();
  const hook = join(dir, ".git", "monitor");
  writeFileSync(hook, `#!/bin/sh\ntouch ${join(dir, "canary")}\n`);
  chmodSync(hook, 0o755);
  git("config", "core.fsmonitor", hook);
  for (let index = 0; index < 1100; index++) writeFileSync(join(dir, `f${index}`), "");
  const found = await readCommit(nodeWorld, dir);
  expect(found?.dirty_files).toHaveLength(1000);
  expect(found?.complete).toBe(false);
  expect(found?.dirty_files.some(({ path }) => path === "canary")).toBe(false);
});
