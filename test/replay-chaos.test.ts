import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { apr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { runScript } from "./support/replay.ts";
import { tempDir } from "./support/temp.ts";

test("a chaos pack shows its command, and breaks it again only where that is allowed", async (context) => {
  needs(context, "strace");
  const folder = tempDir();
  const model = `${folder}/model.bin`;
  writeFileSync(model, Buffer.alloc(256 * 1024, 7));
  const state = `${folder}/state`;
  const args = ["qa", "chaos", "--model", model, "--faults", "004,005", "--", "cp", "{model}", "{out}"];
  const broken = await apr(args, { env: { XDG_STATE_HOME: state, APR_CRASHPACK: undefined } });
  expect(broken.code).toBe(5);
  const [name = ""] = readdirSync(`${state}/apr/crashpacks`);
  const pack = `${state}/apr/crashpacks/${name}`;
  expect(broken.stderr).toContain(`  crashpack  ${pack}\n  again      apr replay ${pack} --allow-exec\n`);

  // Its script asks for no such thing.
  const shown = await runScript(`${pack}/replay_command.sh`);
  expect(shown.code, shown.stderr).toBe(6);
  expect(shown.stdout).toContain('command         "cp" "{model}" "{out}"');
  expect(shown.stdout).toContain("not replayable  it holds somebody's command");

  const again = await apr(["replay", pack, "--allow-exec", "--json"]);
  expect(again.json()).toMatchObject({
    kind: "chaos",
    verdict: "reproduced",
    exit_code: 0,
    difference: null,
  });
  const one = await apr(["replay", pack, "--fault", "004", "--allow-exec"]);
  expect([one.code, one.stderr]).toEqual([0, ""]);
  expect(one.stdout).toContain("again: F-CHAOS-004: apr-qa-chaos-v1/F-CHAOS-004 (silent-overwrite)");
  expect(one.stdout).not.toContain("F-CHAOS-005");
  expect((await apr(["replay", pack, "--fault", "001", "--json"])).json()).toMatchObject({
    error: { code: "no-such-fault", exit_code: 2 },
  });
  writeFileSync(model, "another");
  const other = await apr(["replay", pack, "--allow-exec"]);
  expect([other.code, other.stdout]).toEqual([6, expect.stringContaining("its model is another one")]);
}, 120_000);

test("a command in a pack never runs by itself, and what is mended is not reproduced", async (context) => {
  needs(context, "strace");
  const folder = tempDir();
  // Overwrites its output unless a file beside the program says that it has been mended.
  const program = `${folder}/save`;
  const mended = `${folder}/mended`;
  const script = `#!/bin/sh\nif [ -e ${mended} ] && [ -e "$2" ]; then exit 1; fi\ncp "$1" "$2"\n`;
  writeFileSync(program, script, { mode: 0o755 });
  const model = `${folder}/model.bin`;
  writeFileSync(model, Buffer.alloc(4096, 7));
  const packs = `${folder}/packs`;
  const flags = ["--model", model, "--faults", "004", "--crashpack", packs];
  const broken = await apr(["qa", "chaos", ...flags, "--", program, "{model}", "{out}"]);
  expect(broken.code, broken.stderr).toBe(5);
  const pack = `${packs}/${readdirSync(packs)[0]}`;
  writeFileSync(mended, "");
  const replayed = await apr(["replay", pack, "--allow-exec"]);
  expect([replayed.code, replayed.stdout]).toEqual([
    5,
    expect.stringMatching(/NOT REPRODUCED {2}.*F-CHAOS-004 \(silent-overwrite\) did not fail this time/),
  ]);
  const off = await apr(["qa", "chaos", ...flags.slice(0, -1), "off", "--", "cp", "{model}", "{out}"]);
  expect([off.code, off.stderr.includes("crashpack")]).toEqual([5, false]);
  expect(existsSync("off")).toBe(false);
}, 120_000);
