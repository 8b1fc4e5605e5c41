import { appendFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { keepPack } from "../src/crashpack/keep.ts";
import { nodeStoreWorld } from "../src/world/node/store-world.ts";
import { apr } from "./support/cli.ts";
import { builderOf, vectorInput } from "./support/crashpack/pack.ts";
import { tempDir } from "./support/temp.ts";

interface Place {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly name: string;
  readonly path: string;
}

/** A state folder with one pack in the default place. */
async function place(): Promise<Place> {
  const state = tempDir();
  const folder = `${state}/apr/crashpacks`;
  const pack = builderOf(vectorInput("violations")).build();
  const { path } = await keepPack(nodeStoreWorld, folder, "pull", pack);
  return { env: { XDG_STATE_HOME: state }, folder, path, name: path.split("/").at(-1) ?? "" };
}

test("ls, show and verify find a pack by its name", async () => {
  const { env, folder, name, path } = await place();
  const listed = await apr(["crashpack", "ls"], { env });
  expect(listed.stdout).toMatch(
    new RegExp(`NAME +VIOLATIONS  FIRST +WRITTEN\n  ${name} +3  manifest_integrity  20`),
  );
  expect((await apr(["crashpack", "ls", folder, "--json"])).json()).toMatchObject({
    folder,
    packs: [{ name, path, readable: true, violations: 3, first: "manifest_integrity" }],
  });

  const shown = await apr(["crashpack", "show", name], { env });
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain("3 violations by 2 oracles on 7 events");
  expect(shown.stdout).toContain("seed      world = 18446744073709551615\n");
  // What came from outside drives no terminal and makes no line of its own.
  expect(shown.stdout).toContain("FAIL  it's $(touch pwned); `id`\\nnext\n");
  const json = await apr(["crashpack", "show", path, "--json"]);
  expect(json.stdout).toContain('"world":18446744073709551615');
  expect(json.json()).toMatchObject({
    path,
    events: 7,
    metadata: { note: "two\nlines" },
    ledger: { schema_version: 1 },
  });

  // The assigned weight and the measured ratio stand side by side, and each says what it is.
  expect(shown.stdout).toContain(
    "          assigned  10^1.6 = 39.8 (chosen, not measured)\n          measured  ≥ ",
  );
  expect(shown.stdout).toMatch(/ {2}together {2}measured {2}≥ [\d,]+ for transfer \([\d,]+ of /);
  const { measured } = json.json() as { measured: { entries: { measured_checks: { check: string }[] }[] } };
  expect(measured).toMatchObject({ confidence: 0.95, together: [{ check: "transfer" }] });
  expect(measured.entries[0]?.measured_checks[0]?.check).toBe("manifest_integrity");

  const verified = await apr(["crashpack", "verify", name, "--json"], { env });
  expect(verified.code).toBe(0);
  expect(verified.json()).toMatchObject({
    verdict: "pass",
    exit_code: 0,
    disagreements: [],
    verdicts: [
      { gate: "atp-transfer/APR-ATP-PACK", verdict: "pass" },
      { gate: "atp-transfer/APR-ATP-ROUNDTRIP", verdict: "pass" },
    ],
  });
});

test("a sound pack becomes an archive, which is read like a folder", async () => {
  const { folder, path } = await place();
  const archive = `${folder}/../pack.tar.gz`;
  const made = await apr(["crashpack", "verify", path, "--archive", archive]);
  expect([made.code, made.stderr]).toEqual([0, ""]);
  expect((await apr(["crashpack", "verify", archive])).code).toBe(0);
  expect((await apr(["crashpack", "show", archive, "--json"])).json()).toMatchObject({ events: 7 });
  expect((await apr(["crashpack", "verify", path, "--archive", archive])).code).toBe(5);
  expect((await apr(["crashpack", "verify", archive, "--archive", `${archive}.2`])).code).toBe(2);
  appendFileSync(`${path}/quiclog`, "x");
  expect((await apr(["crashpack", "verify", path, "--archive", `${archive}.3`])).code).toBe(4);
  expect(existsSync(`${archive}.3`)).toBe(false);
});

test("a damaged pack is exit 4, and names the files that disagree", async () => {
  const { path } = await place();
  appendFileSync(`${path}/quiclog`, "x");
  const text = await apr(["crashpack", "verify", path]);
  expect(text.code).toBe(4);
  expect(text.stderr).toContain("apr: quiclog and SHA256SUMS: its digest is another\n");
  expect(text.stderr).toContain("apr: quiclog and transfer.atp-trace: not the lines that it gives\n");
  expect(text.stdout).toContain(
    'FAIL          atp-transfer/APR-ATP-PACK       files-disagree files=["quiclog","SHA256SUMS"]',
  );
  const json = await apr(["crashpack", "verify", path, "--json"]);
  expect(json.code).toBe(4);
  expect(json.json()).toMatchObject({
    exit_code: 4,
    error: { kind: "malformed", code: "files-disagree", file: "quiclog", other: "SHA256SUMS", exit_code: 4 },
  });
  const show = await apr(["crashpack", "show", path, "--json"]);
  expect(show.code).toBe(4);
  expect(show.json()).toMatchObject({
    error: { code: "files-disagree", file: "quiclog", other: "SHA256SUMS" },
  });
});

test("what is no pack", async () => {
  const folder = tempDir();
  const env = { XDG_STATE_HOME: `${folder}/none` };
  expect(await apr(["crashpack", "ls"], { env })).toMatchObject({ code: 0 });
  expect((await apr(["crashpack", "ls", `${folder}/none`])).code).toBe(3);
  for (const command of ["show", "verify"]) {
    const missing = await apr(["crashpack", command, "pull-000000000000", "--json"], { env });
    expect(missing).toMatchObject({ code: 3 });
    expect(missing.json()).toMatchObject({ error: { kind: "not-found", code: "not-found" } });
    expect((await apr(["crashpack", command, folder])).code).toBe(4);
    expect((await apr(["crashpack", command, `${import.meta.dirname}/style.test.ts`])).code).toBe(4);
  }
  mkdirSync(`${folder}/odd`);
  symlinkSync("/etc/passwd", `${folder}/odd/manifest`);
  const odd = await apr(["crashpack", "verify", `${folder}/odd`]);
  expect([odd.code, odd.stderr]).toEqual([4, expect.stringContaining("manifest: is a link")]);
  expect(readdirSync(folder)).toEqual(["odd"]);
});

test("a signed pack is still sound, and the signature covers all of it", async () => {
  const { path } = await place();
  const keys = tempDir();
  expect((await apr(["proof", "keygen", "--out", `${keys}/k`])).code).toBe(0);
  const signed = await apr(["proof", "sign", path, "--key", `${keys}/k`]);
  expect(signed.code, signed.stderr).toBe(0);
  expect((await apr(["crashpack", "verify", path])).code).toBe(0);
  expect((await apr(["proof", "verify", path, "--key", `${keys}/k.pub`])).code).toBe(0);
  appendFileSync(`${path}/quiclog`, "x");
  expect((await apr(["proof", "verify", path, "--key", `${keys}/k.pub`])).code).toBe(4);
});
