import { AprError, asAprError } from "../../base/errors.ts";
import { isJsonObject, parseJson, stringifyJson } from "../../base/json.ts";
import { judgeGate } from "../../contracts/judge.ts";
import { findGate } from "../../contracts/registry.ts";
import type { Judgement, Verdict } from "../../contracts/types.ts";

/** What a line came to; a line that could not be judged is an `error`. */
export type LineWord = Judgement["verdict"] | "error";

export interface LineResult {
  readonly word: LineWord;
  /** One JSON object, without a line feed. */
  readonly text: string;
}

/** Judges one line `{"gate","evidence"}`. Never throws for what the line holds. */
export function judgeLine(text: string, line: number): LineResult {
  try {
    const verdict = judgeRequest(text);
    return { word: verdict.verdict, text: verdictLine(verdict) };
  } catch (error) {
    return errorLine(asAprError(error), line);
  }
}

/** The line that stands for one that could not be judged. Lines count from 1. */
export function errorLine({ kind, message }: AprError, line: number): LineResult {
  return { word: "error", text: JSON.stringify({ error: { kind, message, line } }) };
}

function judgeRequest(text: string): Verdict {
  const request = parseJson(text);
  if (!isJsonObject(request)) throw new AprError("malformed", 'not an object {"gate","evidence"}');
  const name = request["gate"];
  if (typeof name !== "string") throw new AprError("malformed", "`gate` is missing or not a string");
  const gate = findGate(name);
  if (gate === undefined) throw new AprError("usage", `no gate is called ${JSON.stringify(name)}`);
  // Without evidence there is nothing malformed: every field of the gate is missing.
  return judgeGate(gate, request["evidence"] ?? {}, "captured");
}

/** Most verdicts have no reason and nothing to add, and nothing in them needs quoting. */
function verdictLine({ gate, verdict, reason, judged, yields }: Verdict): string {
  if (reason === null && yields === undefined) {
    return `{"gate":"${gate}","verdict":"${verdict}","reason":null,"judged":"${judged}"}`;
  }
  return stringifyJson({ gate, verdict, reason, judged, ...yields });
}
