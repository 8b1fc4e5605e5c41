import { isJsonArray, type Json } from "../../base/json.ts";
import { splitWords } from "../../base/shellwords.ts";
import { parseBytes, parseDuration } from "../../base/units.ts";
import { checkFaultNames } from "../sweep/names.ts";
import { Fields, malformed } from "./fields.ts";
import type { KnownFailure, Scenario, Subject } from "./types.ts";

const MAX_SUBJECTS = 200;
const MAX_KNOWN = 1000;
const MAX_WORDS = 1000;
const MAX_MODEL_BYTES = 1024 * 1024 * 1024;
const DEFAULT_BUDGET_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 300_000;
const MAX_MS = 7 * 24 * 3_600_000;

const SUBJECT_KEYS = [
  ...["name", "command", "model", "setup", "output", "state", "check"],
  ...["faults", "budget", "timeout", "sample", "expect", "known"],
];

/** Reads a scenario file's document. Throws `malformed` with the place of the first thing that is wrong. */
export function readScenario(document: Json): Scenario {
  const root = new Fields(document, "", ["version", "subjects"]);
  if (root.raw("version") !== 1) throw malformed("version", "1");
  const subjects = root
    .list("subjects", MAX_SUBJECTS)
    .map((each, index) => readSubject(each, `subjects[${index}]`));
  if (subjects.length === 0) throw malformed("subjects", "a list with at least one command");
  const names = subjects.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw malformed("subjects", `of different names: ${JSON.stringify(twice)} is there twice`);
  return { subjects };
}

function readSubject(value: Json, path: string): Subject {
  const fields = new Fields(value, path, SUBJECT_KEYS);
  const command = readCommand(fields);
  const known = fields.has("known")
    ? fields.list("known", MAX_KNOWN).map((each, index) => readKnown(each, `${path}.known[${index}]`))
    : [];
  const faults = fields.has("faults") ? fields.texts("faults", MAX_WORDS) : null;
  checkFaultNames(faults ?? []);
  return {
    name: fields.optionalText("name") ?? command.join(" "),
    command,
    model: readModel(fields),
    setup: fields.optionalText("setup"),
    output: fields.optionalText("output"),
    state: fields.optionalText("state"),
    check: fields.optionalText("check"),
    faults,
    budgetMs: fields.has("budget") ? fields.parsed("budget", readBudget) : DEFAULT_BUDGET_MS,
    timeoutMs: fields.has("timeout") ? fields.parsed("timeout", readMs) : DEFAULT_TIMEOUT_MS,
    sample: fields.has("sample") ? readSample(fields) : null,
    expect: readExpect(fields),
    known,
  };
}

/** One line, split as a shell does, or a list of words. */
function readCommand(fields: Fields): readonly string[] {
  const raw = fields.raw("command");
  const words =
    raw !== undefined && isJsonArray(raw)
      ? fields.texts("command", MAX_WORDS)
      : fields.parsed("command", splitWords);
  if (words.length === 0) throw malformed(fields.at("command"), "a command");
  return words;
}

function readModel(fields: Fields): Subject["model"] {
  if (!fields.has("model")) return null;
  if (typeof fields.raw("model") === "string") return { path: fields.text("model") };
  const model = new Fields(fields.raw("model"), fields.at("model"), ["size"]);
  const sizeBytes = model.parsed("size", parseBytes);
  if (sizeBytes < 1 || sizeBytes > MAX_MODEL_BYTES) throw malformed(model.at("size"), "from 1 byte to 1 GiB");
  return { sizeBytes };
}

function readMs(text: string): number {
  return Math.min(MAX_MS, Math.max(1, parseDuration(text)));
}

function readBudget(text: string): number | null {
  return text === "none" ? null : readMs(text);
}

function readSample(fields: Fields): Subject["sample"] {
  const sample = new Fields(fields.raw("sample"), fields.at("sample"), ["points", "seed"]);
  const seed = sample.has("seed") ? sample.count("seed", 0, 2 ** 32 - 1) : 1;
  return { points: sample.count("points", 1, 1_000_000_000), seed };
}

function readExpect(fields: Fields): Subject["expect"] {
  if (!fields.has("expect")) return { verdict: "pass", minFired: 1 };
  const expect = new Fields(fields.raw("expect"), fields.at("expect"), ["verdict", "fired"]);
  const word = expect.optionalText("verdict") ?? "pass";
  if (word !== "pass" && word !== "fail" && word !== "inconclusive") {
    throw malformed(expect.at("verdict"), "pass, fail or inconclusive");
  }
  return { verdict: word, minFired: expect.has("fired") ? expect.count("fired", 0, 1_000_000_000) : 1 };
}

function readKnown(value: Json, path: string): KnownFailure {
  const known = new Fields(value, path, ["finding", "reason", "until"]);
  return {
    finding: known.text("finding"),
    reason: known.text("reason"),
    until: known.parsed("until", readDay),
  };

  function readDay(text: string): string {
    const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
    if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
      throw malformed(known.at("until"), "a day such as 2027-03-31");
    }
    return text;
  }
}
