import type { JsonObject } from "../base/json.ts";
import { planCopy } from "./copy-plan.ts";
import { copyStrictGates } from "./copy-strict.ts";
import { fail, gatesOf, pass } from "./define.ts";
import type { Contract, Gate } from "./types.ts";

const planGate: Gate = gatesOf("crux-a-11")({
  name: "plan",
  origin: "seed",
  rule: "A copy names the same blobs under a new tag: hard links, then one manifest, and no byte copied.",
  fields: {
    registry: {
      kind: "objects",
      about: "The manifests that are there.",
      fields: {
        tag: { kind: "string", about: "The manifest's tag." },
        blob_shas: { kind: "strings", about: "Digests of its blobs, lower-case hex, in order." },
      },
    },
    src: { kind: "string", about: "The tag to copy." },
    dst: { kind: "string", about: "The new tag." },
  },
  codes: ["invalid-tag", "source-not-found", "destination-exists", "empty-manifest"],
  judge: ({ registry, src, dst }) => {
    const outcome = planCopy(registry, src, dst);
    if (outcome.kind === "error") return fail(outcome.error.code, { tag: outcome.error.tag });
    const { dst: manifest, ops } = outcome.plan;
    return pass({ plan: { dst: { ...manifest }, ops: ops.map((op): JsonObject => ({ ...op })) } });
  },
});

export const copyContract: Contract = {
  id: "crux-a-11",
  version: "1",
  title: "Copy a model tag",
  gates: [planGate, ...copyStrictGates],
};
