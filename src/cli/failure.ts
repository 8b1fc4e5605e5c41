import { type AprError, asAprError, EXIT } from "../base/errors.ts";

export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** What a command that ends with another program's exit code says of its own failures, as a shell does. */
export const OWN_FAILURE = 125;

/**
 * Shows an error: for people on stderr, and as the one JSON document on stdout when `json` is set. Gives the exit code:
 * the error's own, unless one is told.
 */
export function reportFailure(thrown: unknown, json: boolean, streams: Streams, told?: number): number {
  const error = asAprError(thrown);
  const exitCode = told ?? error.exitCode;
  try {
    streams.err(formatFailure(error));
    if (json) streams.out(`${JSON.stringify(failureDocument(error, exitCode))}\n`);
    return exitCode;
  } catch {
    // Even the message could not be written: the code is all that is left.
    return EXIT.io;
  }
}

function formatFailure(error: AprError): string {
  const hint = error.hint === undefined ? "" : `     ${error.hint}\n`;
  return `apr: ${error.message}\n${hint}`;
}

function failureDocument(error: AprError, exitCode: number): object {
  return {
    error: {
      kind: error.kind,
      message: error.message,
      exit_code: exitCode,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...error.fields,
    },
  };
}
