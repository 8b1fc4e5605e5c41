import { AprError, asAprError } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { withModelPath } from "../../store/model-path.ts";
import { parseRef } from "../../store/ref.ts";
import { type ProgramEnd, runProgram } from "../../world/node/run-program.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import type { AprContext, Run } from "../context.ts";
import { deviceVariables } from "../device/wanted.ts";
import { OWN_FAILURE, reportFailure } from "../failure.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { absolute, existingStore } from "../store/open.ts";

export interface ExecFlags extends StoreFlags {
  readonly report?: string;
  readonly device?: string;
}

/** As a shell answers, so that a caller can tell apr's own failures from the program's. */
const CANNOT_EXECUTE = 126;
const NOT_FOUND = 127;

export const run: Run<ExecFlags, [string]> = async (context, flags, tag) => {
  // Before anything else is looked at or made; its errors keep their own codes (decision 26).
  const env = await deviceVariables(context, flags.device);
  try {
    return await runOn(context, flags, tag, env);
  } catch (thrown) {
    const error = asAprError(thrown);
    return reportFailure(
      error,
      flags.json,
      context,
      error instanceof NotStarted ? error.answer : OWN_FAILURE,
    );
  }
};

class NotStarted extends AprError {
  readonly answer: number;
  constructor({ code, message }: ProgramEnd & { kind: "not-started" }, program: string) {
    const missing = code === "ENOENT";
    super(
      missing ? "not-found" : "io",
      missing ? `no such program: ${program}` : `cannot execute ${program}: ${message}`,
    );
    this.answer = missing ? NOT_FOUND : CANNOT_EXECUTE;
  }
}

async function runOn(
  context: AprContext,
  flags: ExecFlags,
  tag: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const { command } = context;
  if (command === undefined || command.length === 0) {
    throw new AprError("usage", "no command to run", { hint: "apr exec TAG -- CMD {model}" });
  }
  if (!command.some((word) => word.includes("{model}"))) {
    throw new AprError("usage", "the command does not say where the model goes: {model} is missing");
  }
  const store = await existingStore(context, flags);
  return withModelPath(store, parseRef(tag), async (path) => {
    const argv = command.map((word) => word.replaceAll("{model}", path)) as [string, ...string[]];
    const startMs = nodeStoreWorld.clock.monotonicMs();
    const end = await runProgram(argv, env);
    if (end.kind === "not-started") throw new NotStarted(end, argv[0]);
    if (flags.report !== undefined) {
      const duration = Math.round(nodeStoreWorld.clock.monotonicMs() - startMs);
      const report = { tag, path, argv, exit_code: end.exitCode, signal: end.signal, duration_ms: duration };
      await nodeStoreWorld.files.writeAtomic(absolute(flags.report), `${stringifyJson(report)}\n`);
    }
    return end.exitCode;
  });
}
