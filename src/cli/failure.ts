import { type AprError, asAprError, EXIT } from "../base/errors.ts";

export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Shows an error: for people on stderr, and as the one JSON document on stdout when `json` is set. */
export function reportFailure(thrown: unknown, json: boolean, streams: Streams): number {
  const error = asAprError(thrown);
  try {
    streams.err(formatFailure(error));
    if (json) streams.out(`${JSON.stringify(failureDocument(error))}\n`);
    return error.exitCode;
  } catch {
    // Even the message could not be written: the code is all that is left.
    return EXIT.io;
  }
}

function formatFailure(error: AprError): string {
  const hint = error.hint === undefined ? "" : `     ${error.hint}\n`;
  return `apr: ${error.message}\n${hint}`;
}

function failureDocument(error: AprError): object {
  return {
    error: {
      kind: error.kind,
      message: error.message,
      exit_code: error.exitCode,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...error.fields,
    },
  };
}
