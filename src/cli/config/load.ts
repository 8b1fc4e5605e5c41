import { isAbsolute } from "node:path";
import { AprError, asAprError } from "../../base/errors.ts";
import type { Files } from "../../world/files.ts";
import { readConfigFile } from "./file.ts";
import { projectFile, userFile } from "./places.ts";
import { KEY_NAMES, KEYS, type Key, type Raw, type Values } from "./keys.ts";

/** Who set a value. Later ones win. */
export type Origin = "default" | "user-file" | "project-file" | "environment" | "flag";

/** One value and where it came from. */
export interface Setting<K extends Key> {
  readonly value: Values[K];
  readonly origin: Origin;
  /** The file's path, the variable's or the flag's name; null for a default. */
  readonly from: string | null;
}

export type Config = { readonly [K in Key]: Setting<K> };

/** What loading a config needs to know. */
export interface ConfigPlace {
  readonly files: Pick<Files, "facts" | "realPath" | "readSmall">;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working folder: `apr.yaml` is looked for there and nowhere above. */
  readonly folder: string;
}

interface Layer {
  readonly origin: Origin;
  readonly base: string;
  readonly from: (key: Key) => string;
  readonly raw: Partial<Record<Key, Raw>>;
}

/** Every value. Flags win over `APR_*`, those over the project's file, that over the person's. Throws `AprError`. */
export async function loadConfig(
  place: ConfigPlace,
  flags: Partial<Record<Key, string>> = {},
): Promise<Config> {
  const layers = await readLayers(place, flags);
  return {
    device: settle("device", layers),
    models: settle("models", layers),
    engines: settle("engines", layers),
    probe_timeout: settle("probe_timeout", layers),
  };
}

/** One value alone: a bad value of another setting does no harm. */
export async function loadSetting<K extends Key>(key: K, place: ConfigPlace): Promise<Setting<K>> {
  return settle(key, await readLayers(place, {}));
}

async function readLayers(
  { files, env, folder }: ConfigPlace,
  flags: Partial<Record<Key, string>>,
): Promise<readonly Layer[]> {
  const layers: Layer[] = [];
  const addFile = async (origin: Origin, path: string, base: string): Promise<void> => {
    const raw = await readConfigFile(files, path);
    if (raw !== null) layers.push({ origin, base, raw, from: () => path });
  };
  const own = userFile(env);
  const home = env["HOME"] ?? "";
  if (own !== null) await addFile("user-file", own, isAbsolute(home) ? home : folder);
  await addFile("project-file", projectFile(folder), folder);
  const set: Partial<Record<Key, Raw>> = {};
  for (const key of KEY_NAMES) {
    const value = env[KEYS[key].variable] ?? "";
    if (value !== "") set[key] = value;
  }
  layers.push({ origin: "environment", base: folder, raw: set, from: (key) => KEYS[key].variable });
  const flagOf = (key: Key): string => (key === "models" ? "--store" : `--${key}`);
  layers.push({ origin: "flag", base: folder, raw: flags, from: flagOf });
  return layers;
}

function settle<K extends Key>(key: K, layers: readonly Layer[]): Setting<K> {
  const spec = KEYS[key];
  let found: Setting<K> = { value: spec.preset, origin: "default", from: null };
  for (const { origin, base, raw, from } of layers) {
    const text = raw[key];
    if (text === undefined) continue;
    const read = (origin === "project-file" ? spec.readProject : undefined) ?? spec.read;
    found = { value: named(from(key), () => read(text, base)), origin, from: from(key) };
  }
  return found;
}

/** An error that says where the bad value stands. */
function named<T>(from: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    const error = asAprError(thrown);
    throw new AprError(error.kind, `${from}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      fields: { ...error.fields, from },
    });
  }
}
