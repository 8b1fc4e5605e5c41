import { dirname } from "node:path";
import { AprError, systemCode } from "../base/errors.ts";
import { type Json, stringifyJson } from "../base/json.ts";
import type { ChaosFaultId, ChaosReport } from "../contracts/chaos-report.ts";
import type { FileFacts } from "../world/files.ts";
import type { World } from "../world/world.ts";
import type { Finding } from "./finding.ts";

/** Writes what one fault showed: streams, the trace, and the evidence that `apr lint` judges again. */
export async function keepFinding(
  world: World,
  folder: string,
  id: ChaosFaultId,
  repeat: number,
  findings: readonly Finding[],
): Promise<void> {
  for (const [index, finding] of findings.entries()) {
    const path = `${folder}/${id}/${repeat}-${index + 1}`;
    await writing(folder, async () => {
      await world.files.makeFolder(path);
      await world.files.write(`${path}/evidence.json`, `${stringifyJson(evidenceOf(id, finding), 2)}\n`);
      if (finding.attempt === null) return;
      const { run, trace, output, strays, state, leftFolder } = finding.attempt;
      await world.files.write(`${path}/stdout.txt`, run.stdout.text);
      await world.files.write(`${path}/stderr.txt`, run.stderr.text);
      const left = { output: output === null ? null : { ...output }, strays, state, copy: leftFolder };
      await world.files.write(`${path}/left.json`, `${stringifyJson(left, 2)}\n`);
      if (trace !== null) await world.files.write(`${path}/strace.txt`, trace);
    });
  }
}

/** Writes the whole report, last: a folder that has it is complete. */
export async function keepReport(world: World, folder: string, report: ChaosReport): Promise<void> {
  await writing(folder, async () => {
    await world.files.makeFolder(folder);
    await world.files.writeAtomic(
      `${folder}/report.json`,
      `${stringifyJson(report as unknown as Json, 2)}\n`,
    );
  });
}

/** Keyed by gate name, as `apr lint apr-qa-chaos-v1 FILE` reads it. */
function evidenceOf(id: ChaosFaultId, finding: Finding): Json {
  return Object.fromEntries([[id, finding.evidence], ...finding.strict]) as Json;
}

/** Refuses a folder that cannot be written, before any time is spent on a run. */
export async function checkKeep(world: World, folder: string): Promise<void> {
  await writing(folder, async () => {
    await world.files.makeFolder(folder);
    await probe(world, folder);
  });
}

/** The same for a report's file, which `flag` names. */
export async function checkReportFile(world: World, file: string, flag = "--junit"): Promise<void> {
  await reporting(file, flag, async () => {
    const facts = await world.files.facts(file);
    if (facts?.kind === "folder") throw new AprError("usage", `${file} is a folder`);
    if (isReplaceable(facts)) await probe(world, dirname(file));
  });
}

/** Replaces a file as a whole; writes into anything else, such as a device or what a link points to. */
export async function writeReportFile(
  world: World,
  file: string,
  text: string,
  flag = "--junit",
): Promise<void> {
  await reporting(file, flag, async () => {
    if (isReplaceable(await world.files.facts(file))) await world.files.writeAtomic(file, text);
    else await world.files.write(file, text);
  });
}

function isReplaceable(facts: FileFacts | null): boolean {
  return facts === null || facts.kind === "file";
}

async function probe(world: World, folder: string): Promise<void> {
  await world.files.remove(await world.files.makeTempFolder(`${folder}/.apr-`));
}

function writing(folder: string, work: () => Promise<void>): Promise<void> {
  return explained(`cannot keep evidence in ${folder}`, "give --keep a folder that can be written", work);
}

function reporting(file: string, flag: string, work: () => Promise<void>): Promise<void> {
  return explained(
    `cannot write the report ${file}`,
    `give ${flag} a file in a folder that can be written`,
    work,
  );
}

async function explained(what: string, hint: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new AprError("io", `${what}: ${code}`, { hint, fields: { code }, cause: error });
  }
}
