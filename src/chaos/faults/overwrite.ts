import { ABSENT, type ContentState, sameContent } from "../../observe/content.ts";
import { describe } from "../describe.ts";
import { clean, exitCodeOf, type Fault, type Finding, fired, notTried, outputIntact } from "../finding.ts";
import type { Lab } from "../lab.ts";

const SENTINEL = "apr: this file was here before the command ran\n";

/** F-CHAOS-004: the output's path is taken. Without a force flag it must be kept; with one it must be replaced. */
export const overwrite: Fault = {
  id: "F-CHAOS-004",
  title: "overwrite",
  async run(lab) {
    if (lab.slot.outputPath === null) {
      return notTried({ code: "no-output-named" }, "the command names no output: use {out} or --output");
    }
    const findings = [await withoutForce(lab, lab.slot.outputPath)];
    if (lab.options.forceFlag !== undefined) {
      findings.push(await withForce(lab, lab.slot.outputPath, lab.options.forceFlag));
    }
    return findings;
  },
};

async function withoutForce(lab: Lab, path: string): Promise<Finding> {
  const before = await placeSentinel(lab, path);
  const done = await lab.attempt({ keepLeft: true });
  return {
    evidence: { output_file_existed: true, force_flag: false, exit_code: exitCodeOf(done) },
    strict: [
      fired(true, "a sentinel was at the output's path"),
      ...outputIntact(done, before, true),
      clean(lab, done),
    ],
    fired: true,
    happened: describe(lab, done, before),
    reproduce: reproduction(lab, ""),
    attempt: done,
  };
}

async function withForce(lab: Lab, path: string, flag: string): Promise<Finding> {
  const before = await placeSentinel(lab, path);
  const done = await lab.attempt({ force: flag, keepLeft: true });
  const replaced = done.output !== null && !sameContent(before, done.output);
  return {
    evidence: { output_file_existed: true, force_flag: true, exit_code: exitCodeOf(done) },
    strict: [
      fired(true, "a sentinel was at the output's path"),
      ["APR-CHAOS-FORCE", { force_flag: true, exit_code: exitCodeOf(done), replaced }],
    ],
    fired: true,
    happened: `with ${flag}: ${describe(lab, done, before)}`,
    reproduce: reproduction(lab, flag),
    attempt: done,
  };
}

/** Puts something in the way: a file, or a folder with a file where the command makes a folder. */
async function placeSentinel(lab: Lab, path: string): Promise<ContentState> {
  const { files } = lab.slot.world;
  await lab.slot.reset();
  const view = lab.slot.cell.view(path);
  const asFolder = lab.baseline.output?.kind === "folder";
  await files.makeFolder(asFolder ? view : view.slice(0, view.lastIndexOf("/")));
  await files.write(asFolder ? `${view}/sentinel` : view, SENTINEL);
  return (await lab.slot.output()) ?? ABSENT;
}

function reproduction(lab: Lab, force: string): string {
  const output = lab.reproduction.output;
  const place =
    lab.baseline.output?.kind === "folder"
      ? `mkdir -p ${output}; echo sentinel >${output}/sentinel`
      : `echo sentinel >${output}`;
  const show = `echo "exit $?"; head -c 64 ${lab.baseline.output?.kind === "folder" ? `${output}/sentinel` : output}`;
  return lab.reproduction.with((command) => `${place}; ${command} </dev/null; ${show}`, force);
}
