import type { AprContext, CommonFlags, Run } from "./context.ts";
import { reportFailure } from "./failure.ts";

/** Loads a command's code only when it runs, and turns what it throws into a message and an exit code. */
export function lazy<Flags extends CommonFlags, Args extends readonly unknown[]>(
  load: () => Promise<{ readonly run: Run<Flags, Args> }>,
): () => Promise<(this: AprContext, flags: Flags, ...args: Args) => Promise<void>> {
  return async () => {
    const { run } = await load();
    return async function (this: AprContext, flags: Flags, ...args: Args): Promise<void> {
      try {
        this.process.exitCode = await run(this, flags, ...args);
      } catch (error) {
        this.process.exitCode = reportFailure(error, flags.json, this);
      }
    };
  };
}
