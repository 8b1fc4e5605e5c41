import { isJsonArray, isJsonNumberValue, isJsonObject, type Json, JsonNumber } from "./json-value.ts";

type Step = string | number;

/** Writes a place in a JSON document as RFC 9535 does: `$.last_100_ops[3].ts_ns`. */
export function jsonPath(steps: readonly Step[]): string {
  return `$${steps.map(writeStep).join("")}`;
}

function writeStep(step: Step): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** The path of the first place where two documents differ, numbers compared exactly; null when none does. */
export function firstDifference(
  left: Json | undefined,
  right: Json | undefined,
  at: readonly Step[] = [],
): string | null {
  if (isJsonArray(left) && isJsonArray(right)) {
    const length = Math.max(left.length, right.length);
    for (let index = 0; index < length; index++) {
      const found = firstDifference(left[index], right[index], [...at, index]);
      if (found !== null) return found;
    }
    return null;
  }
  if (isJsonObject(left) && isJsonObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const found = firstDifference(own(left, key), own(right, key), [...at, key]);
      if (found !== null) return found;
    }
    return null;
  }
  return sameScalar(left, right) ? null : jsonPath(at);
}

function own(object: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function sameScalar(left: Json | undefined, right: Json | undefined): boolean {
  if (!isJsonNumberValue(left) || !isJsonNumberValue(right)) return left === right;
  if (left instanceof JsonNumber || right instanceof JsonNumber) {
    return left instanceof JsonNumber && right instanceof JsonNumber && left.text === right.text;
  }
  return !(left < right) && !(left > right);
}
