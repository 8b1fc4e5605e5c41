import { AprError } from "../../base/errors.ts";
import type { Files } from "../../world/files.ts";
import { KEY_NAMES, type Key, type Raw } from "./keys.ts";

/** A config file has a few lines. */
const MAX_CONFIG_BYTES = 64 * 1024;

/** What a config file sets; null where there is none. Throws `AprError` (`malformed`) with the file and the place. */
export async function readConfigFile(
  files: Pick<Files, "facts" | "realPath" | "readSmall">,
  path: string,
): Promise<Partial<Record<Key, Raw>> | null> {
  if ((await files.facts(path)) === null) return null;
  const real = await files.realPath(path).catch(() => path);
  const read = await files.readSmall(real, MAX_CONFIG_BYTES);
  if (read.kind === "absent") return null;
  if (read.kind === "refused") {
    const why =
      read.why === "too-large" ? `larger than ${MAX_CONFIG_BYTES / 1024} KiB` : "not a regular file";
    throw malformed(path, why);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(read.bytes);
  } catch {
    throw malformed(path, "not UTF-8 text");
  }
  return settingsOf(path, await parse(path, text));
}

/** One plain document: no aliases, which could stand for gigabytes, and no key twice. */
async function parse(path: string, text: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  try {
    const document = parseDocument(text, { uniqueKeys: true, schema: "core", prettyErrors: true });
    const [error] = document.errors;
    if (error === undefined) return document.toJS({ maxAliasCount: 0 });
    throw error;
  } catch (error) {
    const first = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    throw malformed(path, first === "" ? "no YAML" : first.replace(/:$/, ""));
  }
}

function settingsOf(path: string, document: unknown): Partial<Record<Key, Raw>> {
  if (document === null || document === undefined) return {};
  if (typeof document !== "object" || Array.isArray(document)) throw malformed(path, "not a map of settings");
  const found: Partial<Record<Key, Raw>> = {};
  for (const [name, value] of Object.entries(document as Record<string, unknown>)) {
    const key = KEY_NAMES.find((known) => known === name);
    if (key === undefined) {
      throw malformed(path, `no such setting: ${JSON.stringify(name)}`, `known: ${KEY_NAMES.join(", ")}`);
    }
    if (typeof value === "string" || isTexts(value)) found[key] = value;
    else throw malformed(path, `${key} is no text`, key === "engines" ? "a list of commands" : "a text");
  }
  return found;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function malformed(path: string, why: string, wanted?: string): AprError {
  return new AprError("malformed", `${path}: ${why}`, {
    hint: wanted ?? "apr config shows what can be set",
    fields: { path },
  });
}
