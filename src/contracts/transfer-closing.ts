import { readU64 } from "../base/ints.ts";
import { fail, gatesOf, inconclusive, pass } from "./define.ts";
import { closingSwitchField } from "./transfer-switches.ts";
import type { Gate, Judgement } from "./types.ts";

/** A reason names at most this many paths, so that a report stays readable. */
const MAX_PATHS_SHOWN = 20;

/** Three checks of a real transfer, each with its switch; a check that is off needs no evidence. */
export const closingGate: Gate = gatesOf("atp-transfer")({
  name: "APR-ATP-CLOSING",
  origin: "strict",
  rule: "Nothing is visible before it is verified, every cancelled worker ended, every recorded digest recomputes.",
  fields: {
    checks: closingSwitchField,
    exposed_unverified: {
      kind: "strings",
      optional: true,
      about: "Paths that were visible under their final name before they were verified.",
    },
    undrained_workers: {
      kind: "u64",
      optional: true,
      about: "Cancelled or losing workers that were still running at close.",
    },
    digests: {
      kind: "objects",
      optional: true,
      about: "One entry a recorded digest.",
      fields: {
        path: { kind: "string", about: "What it is the digest of." },
        recorded: { kind: "string", about: "The digest in the proof." },
        recomputed: { kind: "string", about: "The digest of the bytes." },
      },
    },
  },
  codes: ["final_exposure", "cancellation_drain", "proof_validity", "no-check-on", "no-digests"],
  judge: ({ checks = {}, exposed_unverified: exposed, undrained_workers: undrained, digests }) => {
    const results: Judgement[] = [];
    if (checks.final_exposure !== false) {
      results.push(exposed === undefined ? missing("exposed_unverified") : judgeExposure(exposed));
    }
    if (checks.cancellation_drain !== false) {
      const got = readU64(undrained);
      const drained = got > 0 ? fail("cancellation_drain", { got }) : pass();
      results.push(undrained === undefined ? missing("undrained_workers") : drained);
    }
    if (checks.proof_validity !== false) {
      results.push(digests === undefined ? missing("digests") : judgeDigests(digests));
    }
    // A violation that was seen outweighs a check that could not run.
    return (
      results.find(({ verdict }) => verdict === "fail") ??
      results.find(({ verdict }) => verdict === "inconclusive") ??
      (results.length === 0 ? inconclusive("no-check-on") : pass())
    );
  },
});

function missing(field: string): Judgement {
  return inconclusive("missing-evidence", { field });
}

function judgeExposure(exposed: readonly string[]): Judgement {
  return exposed.length === 0 ? pass() : fail("final_exposure", { paths: exposed.slice(0, MAX_PATHS_SHOWN) });
}

interface RecordedDigest {
  readonly path: string;
  readonly recorded: string;
  readonly recomputed: string;
}

function judgeDigests(digests: readonly RecordedDigest[]): Judgement {
  const bad = digests.find(({ recorded, recomputed }) => recorded === "" || recorded !== recomputed);
  if (bad !== undefined) return fail("proof_validity", { path: bad.path });
  return digests.length === 0 ? inconclusive("no-digests") : pass();
}
