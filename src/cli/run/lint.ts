import { AprError } from "../../base/errors.ts";
import { isJsonArray, type Json, parseJson } from "../../base/json.ts";
import { evidenceFrom, judgeDocument, judgeGate } from "../../contracts/judge.ts";
import { oomContract } from "../../contracts/oom.ts";
import { transferContract } from "../../contracts/transfer.ts";
import { judgeTransfer } from "../../oracles/judge.ts";
import { decodeUtf8, readBounded } from "../../world/node/input.ts";
import { printable } from "../../reports/printable.ts";
import type { AprContext, CommonFlags, Run } from "../context.ts";
import { lintBatch } from "../lint/batch.ts";
import { lintOom } from "../lint/oom.ts";
import { showVerdicts } from "../lint/show.ts";
import { subjectOf } from "../lint/subject.ts";

export interface LintFlags extends CommonFlags {
  readonly stderr?: string | undefined;
  readonly batch?: string | undefined;
}

/** A captured evidence file is read into memory whole: 64 MiB. */
const MAX_EVIDENCE_BYTES = 64 * 1024 * 1024;

const MAX_SHOWN = 5;

const USAGE = { hint: "apr lint GATE|CONTRACT FILE, or apr lint --batch FILE" };

export const run: Run<LintFlags, [string?, string?]> = (context, flags, word, file) =>
  Promise.resolve(lint(context, flags, word, file));

function lint(context: AprContext, flags: LintFlags, word?: string, file?: string): number {
  if (flags.batch !== undefined) {
    if (word !== undefined) throw new AprError("usage", "--batch takes no gate and no second file", USAGE);
    if (flags.stderr !== undefined) throw new AprError("usage", "--batch takes no --stderr", USAGE);
    return lintBatch(context, flags.json, flags.batch);
  }
  if (word === undefined || file === undefined) {
    throw new AprError("usage", word === undefined ? "nothing to judge by" : "no file to judge", USAGE);
  }
  if (word === "oom" || word === oomContract.id) {
    return lintOom(context, flags.json, { report: file, stderr: flags.stderr });
  }
  if (flags.stderr !== undefined) throw new AprError("usage", "--stderr is for `lint oom` only", USAGE);
  return lintSubject(context, flags.json, word, file);
}

function lintSubject(context: AprContext, json: boolean, word: string, file: string): number {
  const subject = subjectOf(word);
  const document = parseJson(readText(file));
  if (subject.kind === "contract" && subject.contract.id === transferContract.id && isJsonArray(document)) {
    return lintTrace(context, json, file, document);
  }
  const verdicts =
    subject.kind === "gate"
      ? [judgeGate(subject.gate, evidenceFrom(subject.contract, document), "captured")]
      : judgeDocument(subject.contract, document, "captured");
  const id = subject.kind === "gate" ? subject.gate.id : subject.contract.id;
  return showVerdicts(context, json, { subject: id, file, verdicts });
}

/** A trace, as `apr pull --trace` writes it: its state is computed, and judged by the gates that it has evidence for. */
function lintTrace(context: AprContext, json: boolean, file: string, events: readonly Json[]): number {
  const { unreadable, verdicts } = judgeTransfer(events, { name: "transfer", judged: "captured" });
  const shown = unreadable.slice(0, MAX_SHOWN);
  for (const why of shown) context.err(`apr: ${printable(why)}\n`);
  if (unreadable.length > shown.length) context.err(`apr: and ${unreadable.length - shown.length} more\n`);
  return showVerdicts(context, json, { subject: transferContract.id, file, verdicts });
}

function readText(path: string): string {
  const read = readBounded(path, MAX_EVIDENCE_BYTES);
  if (read.kind === "bytes") return decodeUtf8(read.bytes, path);
  throw new AprError("malformed", `${path}: ${read.sizeBytes} bytes are too many for evidence`, {
    fields: { path },
  });
}
