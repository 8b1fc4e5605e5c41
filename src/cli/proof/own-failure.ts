import { AprError } from "../../base/errors.ts";
import type { AprContext } from "../context.ts";
import { OWN_FAILURE, reportFailure } from "../failure.ts";

// As a shell answers, so that a caller can tell apr's own failures from the program's.
const CANNOT_EXECUTE = 126;
const NOT_FOUND = 127;

/** A command that could not be started. */
export class NotStarted extends AprError {
  readonly answer: number;

  constructor(program: string, code: string | undefined) {
    const missing = code === "ENOENT";
    super(
      missing ? "not-found" : "io",
      missing ? `no such program: ${program}` : `cannot execute ${program} (${code ?? "unknown error"})`,
    );
    this.answer = missing ? NOT_FOUND : CANNOT_EXECUTE;
  }
}

/** Shows an error of apr's own and gives the exit code that stands for it. */
export function ownFailure(context: AprContext, error: AprError, json: boolean): number {
  return reportFailure(error, json, context, error instanceof NotStarted ? error.answer : OWN_FAILURE);
}
