import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from "../base/json.ts";
import { type CudaDevice, type CudaFound, MAX_DEVICES_READ } from "./types.ts";
import type { DeviceWorld } from "./world.ts";

/** Replaces the probe: a JSON document, or the path of a file with one. For tests; every report says so. */
const FIXTURE_VARIABLE = "APR_DEVICE_FIXTURE";

const MAX_FIXTURE_BYTES = 64 * 1024;

/** What the fixture says is there; null where none is set. A bad one is an answer too: the report is always printed. */
export async function readFixture({
  files,
  env,
}: Pick<DeviceWorld, "files" | "env">): Promise<CudaFound | null> {
  const told = env[FIXTURE_VARIABLE] ?? "";
  if (told === "") return null;
  try {
    const text = told.trimStart().startsWith("{")
      ? told
      : new TextDecoder().decode(await files.readBounded(told, MAX_FIXTURE_BYTES));
    const document = parseJson(text);
    if (isJsonObject(document)) return fixtureFound(document);
    return bad("it is no JSON object");
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error));
  }
}

function bad(why: string): CudaFound {
  const message = `${FIXTURE_VARIABLE} cannot be read: ${why}`;
  return { kind: "absent", source: "fixture", code: "bad-fixture", message, driver: null, feature: null };
}

/** Keys: cuda_feature, cuda_runtime_available, devices (names, or objects as in the report), driver, driver_cuda. */
export function fixtureFound(document: JsonObject): CudaFound {
  const feature = typeof document["cuda_feature"] === "boolean" ? document["cuda_feature"] : null;
  const listed = isJsonArray(document["devices"]) ? document["devices"] : [];
  const devices = listed.slice(0, MAX_DEVICES_READ).map(deviceOf);
  const driver = text(document["driver"]);
  if (document["cuda_runtime_available"] === true) {
    const driverCuda = text(document["driver_cuda"]);
    return { kind: "answered", source: "fixture", driver, driverCuda, devices, feature };
  }
  const message = "the fixture has no CUDA runtime";
  return { kind: "absent", source: "fixture", code: "no-device", message, driver, feature };
}

function deviceOf(value: Json, index: number): CudaDevice {
  const fields = isJsonObject(value) ? value : { name: value };
  const { name, uuid, memory_bytes: memory, compute_capability: capability } = fields;
  return {
    index,
    name: text(name) ?? "",
    uuid: text(uuid),
    memoryBytes: typeof memory === "number" ? memory : null,
    computeCapability: text(capability),
  };
}

function text(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
