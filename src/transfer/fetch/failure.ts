import { AprError } from "../../base/errors.ts";
import type { Job } from "./job.ts";

const GO_ON = "what came so far is kept: the same command goes on from there (apr transfers ls)";

/** No source is left for a blob. */
export function unreachable(job: Job): AprError {
  const reasons = [
    ...[...job.tried].map(({ name, down, lastFailure }) => `${name}: ${lastFailure?.why ?? down}`),
    ...job.unasked.map(({ name, why: reason }) => `${name}: ${reason}`),
  ];
  const [first] = [...job.tried];
  const why = reasons.length === 0 ? "no source has it" : reasons.join("; ");
  return new AprError("network", `cannot fetch ${nameOf(job)}: ${why}`, {
    hint: GO_ON,
    fields: { code: first?.lastFailure?.code ?? "no-source", blob: job.key },
  });
}

/** Whoever was asked has given bytes that are not the blob. */
export function wrongBytes(job: Job, names: readonly string[]): AprError {
  return new AprError("malformed", `wrong bytes for ${nameOf(job)} from ${names.join(", ")}`, {
    hint: "name another source with --from; nothing of this blob was kept",
    fields: { code: "wrong-bytes", blob: job.key, sources: names.join(", ") },
  });
}

export function keepsChanging(job: Job, why: string): AprError {
  return new AprError("network", `${nameOf(job)} changes while it is fetched: ${why}`, {
    hint: "try again when nobody writes to it",
    fields: { code: "changed", blob: job.key },
  });
}

function nameOf({ plan }: Job): string {
  return plan.title ?? plan.digest ?? plan.key;
}
