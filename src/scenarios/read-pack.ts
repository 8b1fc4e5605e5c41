import { asAprError } from "../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from "../base/json.ts";
import type { PackContents } from "../crashpack/types.ts";
import type { Choice } from "../sim/choices.ts";
import { CHOICES, type ChoiceKind } from "../sim/faults.ts";
import { CHOICES_FILE, SCENARIO_FILE, SIM_FORMAT } from "./pack.ts";
import type { Params } from "./run-types.ts";

/** What a pack of a simulated run says of how it ran. Nothing of it is true until it has run again. */
export interface SimRecipe {
  readonly scenario: string;
  readonly params: Params;
  readonly choices: readonly Choice[];
  /** Of the order of all calls; null where the pack does not say. */
  readonly fingerprint: number | null;
}

/** A text of the pack is not what it should be; the message says which and why. */
export class BadRecipe extends Error {
  override readonly name = "BadRecipe";
}

/** More than any run makes: a run ends after a million calls. */
const MAX_CHOICES = 4_000_000;
/** As many alternatives as a decision can have. */
const MAX_COUNT = 2 ** 21;
/** No scenario has a use for more of anything, and a pack may ask for what fills the memory. */
const MAX_PARAM = 100_000;
const KINDS: ReadonlySet<string> = new Set(CHOICES);

/** Reads scenario and choices of a pack, which may be hostile. Throws BadRecipe. */
export function simRecipe({ contents }: Pick<PackContents, "contents">): SimRecipe {
  const told = documentOf(contents, SCENARIO_FILE);
  const { params, ran, scenario } = told;
  const fingerprint = ran !== undefined && isJsonObject(ran) ? ran["fingerprint"] : undefined;
  if (typeof scenario !== "string") throw new BadRecipe(`${SCENARIO_FILE} names no scenario`);
  const list = documentOf(contents, CHOICES_FILE)["choices"];
  if (list === undefined || !isJsonArray(list) || list.length > MAX_CHOICES) {
    throw new BadRecipe(`${CHOICES_FILE} holds no list of choices, or one that is too long`);
  }
  return {
    scenario,
    params: paramsOf(params),
    choices: list.map(choiceOf),
    fingerprint: isCount(fingerprint) ? fingerprint : null,
  };
}

function documentOf(contents: PackContents["contents"], name: string): JsonObject {
  const content = contents.get(name);
  if (content === undefined) throw new BadRecipe(`${name} is not in the pack`);
  let document: Json;
  try {
    document = parseJson(typeof content === "string" ? content : Buffer.from(content).toString("utf8"));
  } catch (error) {
    throw new BadRecipe(`${name}: ${asAprError(error).message}`);
  }
  if (!isJsonObject(document)) throw new BadRecipe(`${name} is no object`);
  if (document["format"] !== SIM_FORMAT) throw new BadRecipe(`${name} is not of format ${SIM_FORMAT}`);
  return document;
}

function paramsOf(value: Json | undefined): Params {
  if (!isJsonObject(value)) throw new BadRecipe(`${SCENARIO_FILE} has no parameters`);
  const pairs = Object.entries(value).map(([key, number]): [string, number] => {
    if (isCount(number) && number <= MAX_PARAM) return [key, number];
    throw new BadRecipe(`${SCENARIO_FILE} has a parameter that is no count up to ${MAX_PARAM}`);
  });
  return Object.fromEntries(pairs);
}

function choiceOf(value: Json, index: number): Choice {
  const [kind, nth, chosen, count] = isJsonArray(value) ? value : [];
  const sound =
    isChoiceKind(kind) &&
    isCount(nth) &&
    isCount(chosen) &&
    isCount(count) &&
    count <= MAX_COUNT &&
    chosen < count;
  if (sound) return { kind, nth, value: chosen, count };
  throw new BadRecipe(`${CHOICES_FILE}: choice ${index + 1} is none`);
}

function isChoiceKind(value: Json | undefined): value is ChoiceKind {
  return typeof value === "string" && KINDS.has(value);
}

function isCount(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
