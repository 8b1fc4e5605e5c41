import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { apr, startApr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

/** A folder to work in, outside of any repository. */
function workplace(): { readonly dir: string; readonly env: Readonly<Record<string, string>> } {
  const dir = tempDir();
  return { dir, env: { XDG_STATE_HOME: join(dir, "state"), GIT_CEILING_DIRECTORIES: dir } };
}

const all = (dir: string): string =>
  readdirSync(dir)
    .sort()
    .map((name) => `${name}\n${readFileSync(join(dir, name), "utf8")}`)
    .join("\n");

test("a run in a repository is recorded whole, and ends with the command's own code", async (context) => {
  needs(context, "git", "sh");
  const { dir, env } = workplace();
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: dir, encoding: "utf8" }).trim();
  git("init", "-q", "-b", "main");
  writeFileSync(join(dir, ".gitignore"), "proof\n");
  git("add", ".");
  const author = ["-c", "user.name=a", "-c", "user.email=a@b"];
  git(...author, "commit", "-qm", "one");
  const before = git("rev-parse", "HEAD");
  const script = `git ${author.join(" ")} commit -q --allow-empty -m two; touch new; echo out; echo bad >&2; exit 7`;
  const result = await apr(
    ["proof", "run", "--objective", "try it", "--out", "proof", "--", "sh", "-c", script],
    {
      cwd: dir,
      env,
    },
  );
  expect(result).toMatchObject({ code: 7, stdout: "out\n" });
  expect(result.stderr).toBe(`bad\napr: proof ${join(dir, "proof")}\n`);
  const bundle = JSON.parse(readFileSync(join(dir, "proof", "agent_proof_bundle.json"), "utf8")) as object;
  expect(bundle).toMatchObject({
    objective: "try it",
    commands: [{ argv: ["sh", "-c", script], cwd: dir, exit_code: 7, stdout: { text: "out\n", cut: false } }],
    commit_before: { commit: before, branch: "main", dirty: false },
    commit_after: { commit: git("rev-parse", "HEAD"), dirty: true },
    changed_files: [{ path: "new", status: "??" }],
    first_blocker: { command_index: 0, exit_code: 7, last_lines: ["bad"] },
  });
  expect(readdirSync(join(dir, "proof")).sort()).toEqual([
    ...["agent_proof_bundle.json", "blocker_report.txt", "commands.txt", "evidence_ledger.json", "replay.sh"],
  ]);
  const replay = execFileSync(join(dir, "proof", "replay.sh"), { encoding: "utf8" });
  expect(replay).toContain("sh -c 'git");
  expect(git("rev-list", "--count", "HEAD")).toBe("2");
});

test("without a repository and an --out, a name of its own in the state folder", async (context) => {
  needs(context, "sh");
  const { dir, env } = workplace();
  const result = await apr(["proof", "run", "--json", "--safety", "safe", "--", "sh", "-c", "echo x"], {
    cwd: dir,
    env,
  });
  expect(result).toMatchObject({ code: 0 });
  const { path } = result.json() as { path: string };
  expect(result.json()).toMatchObject({ exit_code: 0, safety: "safe", commit_before: null, blocked: false });
  expect(path.startsWith(join(dir, "state", "apr", "proofs", "proof-"))).toBe(true);
  expect(result.stderr).toBe(`x\napr: proof ${path}\n`);
  expect(execFileSync(join(path, "replay.sh"), { encoding: "utf8" })).toContain("\nx\n");
});

test("no secret of the environment, a flag or the output is in the bundle; the terminal shows all", async (context) => {
  needs(context, "sh");
  const { dir, env } = workplace();
  const secret = "Zq8-very-secret-Zq8";
  const npm = `npm_${"a1B2".repeat(9)}`;
  const script = `printf '%s\\n' "$SERVICE_TOKEN" "$2"; printf 'x%s' "$2" | base64; printf '${npm}' >&2`;
  const args = [
    "proof",
    "run",
    "--out",
    "p",
    "--",
    "sh",
    "-c",
    script,
    "sh",
    "--password",
    "horse battery staple",
  ];
  const result = await apr(args, { cwd: dir, env: { ...env, SERVICE_TOKEN: secret } });
  expect(result.code).toBe(0);
  expect(result.stdout).toContain(`${secret}\nhorse battery staple\n`);
  const text = all(join(dir, "p"));
  for (const hidden of [
    secret,
    "horse battery",
    npm,
    Buffer.from("xhorse battery staple").toString("base64"),
  ]) {
    expect(text).not.toContain(hidden);
  }
  expect(text).toContain("[redacted:environment]");
});

test("a long output is bounded in the bundle, and passes as it is", async (context) => {
  needs(context, "sh");
  const { dir, env } = workplace();
  const script = "head -c 3000000 /dev/zero | tr '\\0' x; printf '\\377end\\n'";
  const result = await apr(["proof", "run", "--out", "p", "--", "sh", "-c", script], { cwd: dir, env });
  expect(result.stdout).toHaveLength(3_000_005);
  expect(statSync(join(dir, "p", "agent_proof_bundle.json")).size).toBeLessThan(100_000);
  expect(all(join(dir, "p"))).toContain(`"total_bytes": 3000005`);
});

test("apr's own errors are 125, 126 and 127, and leave no bundle", async () => {
  const { dir, env } = workplace();
  const run = async (...args: readonly string[]): Promise<number | null> =>
    (await apr(["proof", "run", ...args], { cwd: dir, env })).code;
  expect(await run("--", "no-such-program-here")).toBe(127);
  expect(await run("--", dir)).toBe(126);
  expect(await run()).toBe(125);
  expect(await run("--out", ".", "--", "true")).toBe(125);
  const json = await apr(["proof", "run", "--json", "--", "no-such-program-here"], { cwd: dir, env });
  expect(json.json()).toMatchObject({ error: { kind: "not-found", exit_code: 127 } });
  expect(readdirSync(join(dir, "state", "apr", "proofs"))).toEqual([]);
});

test("facts that a command cannot show stand in the bundle, redacted; bad ones end it before it runs", async () => {
  const { dir, env } = workplace();
  const told = (facts: object): void => writeFileSync(join(dir, "f.json"), JSON.stringify(facts));
  const run = (...command: readonly string[]): ReturnType<typeof apr> =>
    apr(["proof", "run", "--out", "p", "--facts", "f.json", "--", ...command], { cwd: dir, env });
  expect(await run("touch", "ran")).toMatchObject({ code: 125 });
  told({ not_validated: [7] });
  const refused = await run("touch", "ran");
  expect(refused.code).toBe(125);
  expect(refused.stderr).toContain("not_validated.0 is no text");
  expect(readdirSync(dir)).not.toContain("ran");
  const secret = `ghp_${"a1B2".repeat(9)}`;
  const remote = { host: "big", argv: ["make", `--token=${secret}`], exit_code: 0, job: null };
  told({ remote_executions: [remote], not_validated: ["the benches"] });
  expect(await run("true")).toMatchObject({ code: 0 });
  expect(all(join(dir, "p"))).not.toContain(secret);
  expect(JSON.parse(readFileSync(join(dir, "p", "agent_proof_bundle.json"), "utf8"))).toMatchObject({
    remote_executions: [{ host: "big", exit_code: 0 }],
    validation_frontier: { passed: 1, first_failure: null, not_validated: ["the benches"] },
  });
});

test("an interrupt reaches the command, and what it did is still recorded", async (context) => {
  needs(context, "sh");
  const { dir, env } = workplace();
  const script = "trap 'echo caught; exit 130' INT; echo ready; while :; do sleep 0.05; done";
  const running = startApr(["proof", "run", "--out", "p", "--", "sh", "-c", script], { cwd: dir, env });
  await new Promise((resolve) => running.child.stdout?.once("data", resolve));
  running.child.kill("SIGINT");
  expect(await running.result).toMatchObject({ code: 130, stdout: "ready\ncaught\n" });
  expect(all(join(dir, "p"))).toContain("exit 130");
});

test("a bundle is signed and verified; each refusal has its exit code and names the file", async () => {
  const { dir, env } = workplace();
  const run = async (...args: readonly string[]): ReturnType<typeof apr> =>
    apr(["proof", ...args], { cwd: dir, env });
  expect(await run("run", "--out", "p", "--", "true")).toMatchObject({ code: 0 });
  expect(await run("verify", "p", "--key", "k.pub")).toMatchObject({ code: 3 });
  expect(await run("keygen", "--out", "k")).toMatchObject({ code: 0 });
  expect(statSync(join(dir, "k")).mode & 0o777).toBe(0o600);
  const key = readFileSync(join(dir, "k"), "utf8");
  expect(await run("keygen", "--out", "k")).toMatchObject({ code: 5 });
  expect(readFileSync(join(dir, "k"), "utf8")).toBe(key);
  expect(await run("keygen", "--out", "other")).toMatchObject({ code: 0 });

  expect((await run("verify", "p", "--key", "k.pub")).stderr).toContain("is not signed");
  expect(await run("sign", "p", "--key", "k")).toMatchObject({ code: 0 });
  expect(await run("sign", "p", "--key", "k")).toMatchObject({ code: 5 });
  const sound = await run("verify", "p", "--key", "k.pub", "--json");
  expect(sound.json()).toMatchObject({ verified: true, files: 4 });
  expect(await run("verify", "p", "--key", "other.pub")).toMatchObject({
    code: 5,
    stderr: "apr: proof.dsse.json was not signed by this key\n",
  });
  writeFileSync(join(dir, "p", "more"), "");
  writeFileSync(join(dir, "p", "commands.txt"), "");
  const bad = await run("verify", "p", "--key", "k.pub", "--json");
  expect(bad).toMatchObject({ code: 4 });
  expect(bad.json()).toEqual({
    verified: false,
    faults: [
      { code: "wrong-digest", file: "commands.txt" },
      { code: "extra-file", file: "more" },
    ],
  });
});
