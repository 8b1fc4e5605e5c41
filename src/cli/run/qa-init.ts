import { resolve } from "node:path";
import { AprError } from "../../base/errors.ts";
import { firstScenario } from "../../chaos/scenario/first.ts";
import { runSweep } from "../../chaos/sweep/engine.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, CommonFlags } from "../context.ts";
import { madeModel } from "../qa/made-model.ts";
import { watched } from "../qa/watched.ts";

export interface InitFlags extends CommonFlags {
  readonly file: string;
  readonly model?: string;
  readonly output?: string;
  readonly state?: string;
  readonly check?: string;
  readonly budget: number | null;
  readonly force: boolean;
}

/** Of the model that is made where none is given. */
const MODEL_BYTES = 64 * 1024;
/** So long what is there today is known; then somebody must have looked at it. */
const KNOWN_DAYS = 90;
const DAY_MS = 24 * 3_600_000;
const TIMEOUT_MS = 300_000;

export async function run(context: AprContext, flags: InitFlags): Promise<number> {
  const { command } = context;
  if (command === undefined || command.length === 0) {
    throw new AprError("usage", "no command for the scenario", { hint: "apr qa init -- CMD {model} {out}" });
  }
  const path = resolve(workingFolder(), flags.file);
  if (!flags.force && (await nodeFiles.facts(path)) !== null) {
    throw new AprError("exists", `${flags.file} is there already`, { hint: "use --force to replace it" });
  }
  const usesModel = [...command, flags.output ?? ""].some((word) => word.includes("{model}"));
  const made = flags.model === undefined && usesModel ? { sizeBytes: MODEL_BYTES } : null;
  const model = await madeModel(flags.model === undefined ? made : { path: flags.model }, workingFolder());
  try {
    const { output, state, check, budget } = flags;
    const options = {
      ...{
        command,
        output,
        state,
        check,
        model: model.path,
        modelShell: model.shell,
        faults: null,
        budgetMs: budget,
      },
      ...{ timeoutMs: TIMEOUT_MS, jobs: nodeWorld.host.cores + 1, repeat: 1, shard: null, sample: null },
    };
    const report = await watched(context, (abort, listener) =>
      runSweep(nodeWorld, { ...options, cwd: workingFolder(), abort }, listener),
    );
    const until = new Date(nodeWorld.clock.wallMs() + KNOWN_DAYS * DAY_MS).toISOString().slice(0, 10);
    const scenario = firstScenario({ ...options, modelPath: flags.model, made }, report, until);
    const { stringify } = await import("yaml");
    await nodeFiles.writeAtomic(path, HEAD + stringify(scenario, { lineWidth: 110 }));
    const known = report.findings.length;
    const facts = { file: path, known, verdict: report.verdict };
    const text = `${flags.file}: one command, ${known} known ${known === 1 ? "failure" : "failures"} until ${until}\n  next  apr qa run ${flags.file}\n`;
    context.out(flags.json ? `${JSON.stringify(facts)}\n` : text);
    return 0;
  } finally {
    await model.remove();
  }
}

const HEAD = `# Commands under fault sweeps: apr qa run FILE. A new failure breaks the build, a known one does not until its day,
# and one that is fixed must be removed from here.
`;
