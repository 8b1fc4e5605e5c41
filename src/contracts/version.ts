import { isJsonObject, type Json } from "../base/json.ts";
import { fail, gatesOf, pass } from "./define.ts";
import type { Contract, Evidence, Gate } from "./types.ts";
import { type SeedVerdict, seedVerdict } from "./views.ts";

/** Keys that `apr --version --json` must have. Source: seed 003. */
export const AC_GPUTRAIN_007_REQUIRED_VERSION_JSON_KEYS = [
  "cuda_feature",
  "cuda_runtime_available",
  "visible_devices",
] as const;

/** Device words go from `cuda:0` to `cuda:15`. */
const MAX_DEVICES = 16;

const gate = gatesOf("gputrain-007", "apr devices");

const keysGate: Gate = gate({
  name: "keys",
  origin: "seed",
  rule: "The version report has all three keys; more are fine.",
  fields: { present_keys: { kind: "strings", about: "The version report's top-level keys." } },
  codes: ["missing-required-key"],
  judge: ({ present_keys: present }) => {
    const key = AC_GPUTRAIN_007_REQUIRED_VERSION_JSON_KEYS.find((name) => !present.includes(name));
    return key === undefined ? pass() : fail("missing-required-key", { key });
  },
});

const fieldsGate: Gate = gate({
  name: "fields",
  origin: "seed",
  rule: "At most 16 devices, and no build that claims CUDA without a CUDA runtime.",
  fields: {
    cuda_feature: { kind: "boolean", about: "The build has CUDA." },
    cuda_runtime_available: { kind: "boolean", about: "A CUDA runtime answered with at least one device." },
    visible_devices: { kind: "strings", about: "The devices, each `index:name`." },
  },
  codes: ["too-many-devices", "stale-build"],
  judge: ({ cuda_feature: feature, cuda_runtime_available: runtime, visible_devices: devices }) => {
    if (devices.length > MAX_DEVICES) return fail("too-many-devices", { got: devices.length });
    return feature && !runtime ? fail("stale-build") : pass();
  },
});

export const versionContract: Contract = {
  id: "gputrain-007",
  version: "1",
  title: "The build says what it can do",
  gates: [keysGate, fieldsGate],
  evidenceOf: versionEvidence,
};

/** A captured `--version --json` document has no list of its own keys: they are read off it. */
function versionEvidence(document: Json): Evidence {
  if (!isJsonObject(document)) return { present_keys: document };
  return Object.hasOwn(document, "present_keys")
    ? document
    : { ...document, present_keys: Object.keys(document) };
}

/** The part of the version report that is about CUDA. */
export interface VersionJsonCudaFields {
  readonly cuda_feature: boolean;
  readonly cuda_runtime_available: boolean;
  /** Each `index:name`. */
  readonly visible_devices: readonly string[];
}

export type Gputrain007Verdict = SeedVerdict;

/** Gate `gputrain-007/keys`. */
export function verdictFromVersionJsonKeys(presentKeys: readonly string[]): Gputrain007Verdict {
  return seedVerdict(keysGate, { present_keys: presentKeys });
}

/** Gate `gputrain-007/fields`. */
export function verdictFromVersionJsonFields(fields: VersionJsonCudaFields): Gputrain007Verdict {
  return seedVerdict(fieldsGate, { ...fields });
}
