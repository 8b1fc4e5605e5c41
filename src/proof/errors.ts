import { AprError, type ErrorKind } from "../base/errors.ts";

/** Why a proof was not built, written, signed or read. */
export type AgentProofErrorCode =
  | "no-command"
  | "bad-command"
  | "bad-number"
  | "bad-commit"
  | "bad-text"
  | "bad-safety"
  | "bad-facts"
  | "too-large"
  | "exists"
  | "not-found"
  | "not-a-folder"
  | "strange-file"
  | "bad-key";

const KIND: Readonly<Record<AgentProofErrorCode, ErrorKind>> = {
  "no-command": "usage",
  "bad-command": "usage",
  "bad-number": "usage",
  "bad-commit": "usage",
  "bad-text": "usage",
  "bad-safety": "usage",
  "bad-facts": "malformed",
  "too-large": "malformed",
  exists: "exists",
  "not-found": "not-found",
  "not-a-folder": "malformed",
  "strange-file": "malformed",
  "bad-key": "malformed",
};

/** A proof that is refused; `field` names the part or the file that is wrong. */
export class AgentProofError extends AprError {
  readonly code: AgentProofErrorCode;
  readonly field: string | null;

  constructor(code: AgentProofErrorCode, message: string, field: string | null = null, hint?: string) {
    super(KIND[code], message, {
      ...(hint === undefined ? {} : { hint }),
      fields: { code, ...(field === null ? {} : { field }) },
    });
    this.code = code;
    this.field = field;
  }
}
