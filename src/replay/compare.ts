import { firstDifference } from "../base/json-path.ts";
import type { Json } from "../base/json.ts";
import type { PackEvent } from "../crashpack/types.ts";
import type { OracleResult } from "../oracles/checks.ts";
import type { Difference } from "./types.ts";

/** Where two traces part; null when they are equal, event by event. */
export function traceDifference(
  recorded: readonly PackEvent[],
  replayed: readonly PackEvent[],
): Difference | null {
  const count = Math.max(recorded.length, replayed.length);
  for (let at = 0; at < count; at++) {
    const [one = null, other = null] = [recorded[at], replayed[at]];
    const path = firstDifference(one as unknown as Json, other as unknown as Json);
    if (path === null) continue;
    return { event: at + 1, recorded: one, replayed: other, what: eventWords(at + 1, path, one, other) };
  }
  return null;
}

function eventWords(number: number, path: string, one: PackEvent | null, other: PackEvent | null): string {
  if (other === null) return `the replay ends before event ${number} (${one?.kind ?? ""})`;
  if (one === null) return `the replay goes on after event ${number - 1} with ${other.kind}`;
  if (one.kind !== other.kind) return `event ${number} is ${other.kind}, and was ${one.kind}`;
  return `event ${number} (${one.kind}) differs at ${path.slice(0, 80)}`;
}

/** Where the findings of two runs part; null when they are the same. */
export function findingsDifference(
  recorded: readonly OracleResult[],
  replayed: readonly OracleResult[],
): Difference | null {
  const path = firstDifference(recorded as unknown as Json, replayed as unknown as Json);
  if (path === null) return null;
  const words = `it found ${typesOf(replayed).join(", ") || "nothing"}, and the pack says ${typesOf(recorded).join(", ") || "nothing"}`;
  return { event: null, recorded: null, replayed: null, what: words };
}

/** The types of all violations, each once, in order. */
export function typesOf(results: readonly OracleResult[]): readonly string[] {
  return [...new Set(results.flatMap(({ violations }) => violations.map((each) => each.violation_type)))];
}
