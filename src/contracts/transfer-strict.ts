import { readU64, sameInt } from "../base/ints.ts";
import { firstDifference } from "../base/json-path.ts";
import { fail, gatesOf, inconclusive, pass } from "./define.ts";
import { closingGate } from "./transfer-closing.ts";
import { transferChecks, transferStateFields } from "./transfer-state.ts";
import { switchField } from "./transfer-switches.ts";
import type { Gate } from "./types.ts";

const gate = gatesOf("atp-transfer");

const vacuous: Gate = gate({
  name: "APR-ATP-VACUOUS",
  origin: "strict",
  rule: "At least one check is on, and both manifest hashes are there: an empty check proves nothing.",
  fields: {
    checks: switchField,
    state: {
      kind: "object",
      about: "The transfer's state.",
      fields: {
        manifest_hash: transferStateFields.manifest_hash,
        expected_manifest_hash: transferStateFields.expected_manifest_hash,
      },
    },
  },
  codes: ["no-check-on", "empty-hash"],
  judge: ({ checks = {}, state }) => {
    if (transferChecks.every(([check]) => checks[check] === false)) return inconclusive("no-check-on");
    if (state.manifest_hash === "") return inconclusive("empty-hash", { field: "manifest_hash" });
    if (state.expected_manifest_hash === "") {
      return inconclusive("empty-hash", { field: "expected_manifest_hash" });
    }
    return pass();
  },
});

const pack: Gate = gate({
  name: "APR-ATP-PACK",
  origin: "strict",
  rule: "Every file of a crashpack agrees with every other and with SHA256SUMS.",
  fields: {
    files_checked: { kind: "u64", about: "How many files were cross-checked." },
    disagreements: {
      kind: "objects",
      about: "One entry a disagreement.",
      fields: {
        file: { kind: "string", about: "The file that is wrong, or the first of two." },
        other: { kind: "string", optional: true, about: "The file that it disagrees with." },
      },
    },
  },
  codes: ["files-disagree", "nothing-checked"],
  judge: ({ files_checked: checked, disagreements }) => {
    const [first] = disagreements;
    if (first !== undefined) {
      const files = first.other === undefined ? [first.file] : [first.file, first.other];
      return fail("files-disagree", { files, got: disagreements.length });
    }
    return sameInt(readU64(checked), 0) ? inconclusive("nothing-checked") : pass();
  },
});

const roundtrip: Gate = gate({
  name: "APR-ATP-ROUNDTRIP",
  origin: "strict",
  rule: "Values survive the pack exactly: newlines, quotes, control characters, Unicode, 64-bit numbers.",
  fields: {
    written: { kind: "any", about: "The values that were written." },
    read: { kind: "any", about: "The same values as read back." },
  },
  codes: ["value-changed"],
  judge: ({ written, read }) => {
    const path = firstDifference(written, read);
    return path === null ? pass() : fail("value-changed", { path });
  },
});

const recomputed: Gate = gate({
  name: "APR-ATP-RECOMPUTED",
  origin: "strict",
  rule: "The state judged is the one that the trace of a real or simulated transfer gives.",
  fields: {
    state: { kind: "object", about: "The state that was judged." },
    recomputed: { kind: "object", about: "The state recomputed from the trace." },
  },
  codes: ["state-differs"],
  judge: (evidence) => {
    const path = firstDifference(evidence.state, evidence.recomputed);
    return path === null ? pass() : fail("state-differs", { path });
  },
});

const replayed: Gate = gate({
  name: "APR-ATP-REPLAYED",
  origin: "strict",
  rule: "A replay executes again and reaches the same trace, byte for byte.",
  fields: {
    re_executed: { kind: "boolean", about: "The replay ran the transfer again." },
    recorded_trace_sha256: { kind: "string", about: "Digest of the recorded trace." },
    replayed_trace_sha256: { kind: "string", about: "Digest of the replay's trace." },
    first_difference: {
      kind: "u64",
      optional: true,
      nullable: true,
      about: "Number of the first event that differs.",
    },
  },
  codes: ["trace-differs", "not-executed"],
  judge: (evidence) => {
    const { recorded_trace_sha256: recorded, replayed_trace_sha256: again, first_difference: at } = evidence;
    if (!evidence.re_executed || recorded === "" || again === "") return inconclusive("not-executed");
    if (recorded === again) return pass();
    return at === undefined || at === null
      ? fail("trace-differs")
      : fail("trace-differs", { first_difference: readU64(at) });
  },
});

export const transferStrictGates: readonly Gate[] = [
  vacuous,
  pack,
  roundtrip,
  recomputed,
  replayed,
  closingGate,
];
