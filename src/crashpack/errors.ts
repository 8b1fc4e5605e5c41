import { AprError, type ErrorKind } from "../base/errors.ts";

/** Why a pack was not built, not written, or not accepted. */
export type CrashpackErrorCode =
  | "bad-seed"
  | "bad-result"
  | "bad-event"
  | "bad-path"
  | "no-content"
  | "too-large"
  | "exists"
  | "not-found"
  | "not-a-pack"
  | "bad-archive"
  | "files-disagree";

const KIND: Readonly<Record<CrashpackErrorCode, ErrorKind>> = {
  "bad-seed": "usage",
  "bad-result": "usage",
  "bad-event": "usage",
  "bad-path": "usage",
  "no-content": "usage",
  "too-large": "malformed",
  exists: "exists",
  "not-found": "not-found",
  "not-a-pack": "malformed",
  "bad-archive": "malformed",
  "files-disagree": "malformed",
};

/** A pack that is refused. `files` names what is wrong: nothing, one file, or two that disagree. */
export class CrashpackError extends AprError {
  readonly code: CrashpackErrorCode;
  readonly files: readonly string[];

  constructor(code: CrashpackErrorCode, message: string, files: readonly string[] = [], hint?: string) {
    const [file, other] = files;
    super(KIND[code], message, {
      ...(hint === undefined ? {} : { hint }),
      fields: {
        code,
        ...(file === undefined ? {} : { file }),
        ...(other === undefined ? {} : { other }),
      },
    });
    this.code = code;
    this.files = files;
  }
}
