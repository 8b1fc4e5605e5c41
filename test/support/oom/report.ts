import { existsSync, lstatSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type AprOptions, type AprResult, apr } from "../cli.ts";
import { fileWith } from "../lint.ts";
import { tempDir } from "../temp.ts";

export interface Cause {
  readonly killer: string;
  readonly tool: string;
  readonly process: { readonly pid: number | null; readonly name: string; readonly command: string[] } | null;
  readonly limit: string | null;
  readonly requested_bytes: number | null;
  readonly limit_bytes: number | null;
  readonly usage_at_death_bytes: number | null;
  readonly certainty: string;
}

export interface OomReport {
  readonly peak_allocated_bytes: number;
  readonly peak_reserved_bytes: number;
  readonly largest_alloc_stack: string[];
  readonly tensor_histogram: Readonly<Record<string, number>>;
  readonly last_100_ops: unknown[];
  readonly exit_code: number;
  readonly provenance: Readonly<Record<string, { readonly kind: string; readonly source: string }>>;
  readonly cause: Cause;
  readonly curve: Readonly<Record<string, { t_ms: number; bytes: number }[]>>;
  readonly program: { readonly argv: string[]; readonly environment: Readonly<Record<string, string>> };
}

export interface RunDocument {
  readonly exit_code: number;
  readonly signal: number | null;
  readonly oom: { readonly handled: boolean; readonly report: string | null; readonly cause: Cause } | null;
  readonly verdicts: readonly {
    readonly gate: string;
    readonly judged: string;
    readonly verdict: string;
    readonly reason: { readonly code: string } | null;
  }[];
  readonly guard: { readonly verdict: string; readonly forced: boolean } | null;
  readonly memory: { readonly samples: number; readonly processes: number };
}

export interface RunResult extends AprResult {
  readonly document: RunDocument;
  /** Where the breadcrumb says that the report is. */
  readonly path: string | undefined;
  readonly report: OomReport | undefined;
}

export const MIB: number = 2 ** 20;

/** Runs `apr run` with a document, and reads what it left. The report in `/tmp` is removed after the test. */
export async function aprRun(
  flags: readonly string[],
  command: readonly string[],
  options: AprOptions = {},
): Promise<RunResult> {
  const file = join(tempDir(), "run.json");
  const result = await apr(["run", "--report", file, ...flags, "--", ...command], options);
  const path = /^OOM_REPORT path=(.*)$/m.exec(result.stderr)?.[1];
  if (path !== undefined) onTestFinished(() => rmSync(path, { force: true }));
  const parsed = (at: string): unknown => JSON.parse(readFileSync(at, "utf8"));
  return {
    ...result,
    document: (existsSync(file) ? parsed(file) : {}) as RunDocument,
    path,
    report: path === undefined || !existsSync(path) ? undefined : (parsed(path) as OomReport),
  };
}

/** A death as it should be told: judged live by every gate, and once more by `apr lint oom` from the captured files. */
export async function expectSoundReport(result: RunResult): Promise<OomReport> {
  const { report, path, document, stderr } = result;
  if (report === undefined || path === undefined) throw new Error(`no report; stderr: ${stderr}`);
  expect(document.verdicts.filter(({ verdict, judged }) => verdict !== "pass" || judged !== "live")).toEqual(
    [],
  );
  expect(document.verdicts.length).toBeGreaterThanOrEqual(9);
  expect(stderr.match(/^OOM_REPORT path=/gm)).toHaveLength(1);
  expect(path).toMatch(/^\/tmp\/apr-oom-\d+\.json$/);
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
  const lint = await apr(["lint", "oom", path, "--stderr", fileWith(stderr, "stderr.txt"), "--json"]);
  expect({ code: lint.code, verdicts: lint.stdout }).toMatchObject({ code: 0 });
  return report;
}
