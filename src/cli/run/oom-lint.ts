import type { CommonFlags, Run } from "../context.ts";
import { lintOom } from "../lint/oom.ts";

export interface OomLintFlags extends CommonFlags {
  readonly stderr?: string | undefined;
}

export const run: Run<OomLintFlags, [string]> = (context, flags, report) =>
  Promise.resolve(lintOom(context, flags.json, { report, stderr: flags.stderr }));
