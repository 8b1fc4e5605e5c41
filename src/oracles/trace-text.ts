import { AprError } from "../base/errors.ts";
import { isJsonArray, type Json, parseJson, stringifyJson } from "../base/json.ts";

/** As many events as a trace can hold. */
const MAX_EVENTS = 2_000_000;
/** 200 bytes an event and more: longer texts are no trace of a transfer. */
const MAX_TRACE_CHARS: number = 400 * 1024 * 1024;

/** A trace as the text of a JSON array; `indent` in spaces. Throws for what JSON cannot hold. */
export function traceText(events: readonly unknown[], indent = 0): string {
  return stringifyJson(events as readonly Json[], indent);
}

/**
 * Reads the text of a trace. What its elements are is not looked at: `transferEvidence` reads them with care.
 * Throws AprError `malformed` for text that is no JSON array, or is too long.
 */
export function readTrace(text: string): readonly Json[] {
  if (text.length > MAX_TRACE_CHARS) {
    throw malformed(`${text.length} characters, more than ${MAX_TRACE_CHARS}`);
  }
  const document = parseJson(text);
  if (!isJsonArray(document)) throw malformed("no JSON array of events");
  if (document.length > MAX_EVENTS) throw malformed(`${document.length} events, more than ${MAX_EVENTS}`);
  return document;
}

function malformed(why: string): AprError {
  return new AprError("malformed", `not a trace: ${why}`, { fields: { code: "not-a-trace" } });
}
