/** Why a pickle is not read. */
export type PickleRefusalCode =
  | "cut-short"
  | "not-a-pickle"
  | "unsupported-opcode"
  | "malformed"
  | "too-large"
  | "unsupported-sharing";

/** A pickle that is refused: thrown inside the reader, caught at its edge. */
export class PickleRefusal extends Error {
  override readonly name = "PickleRefusal";
  readonly code: PickleRefusalCode;

  constructor(code: PickleRefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function refuse(code: PickleRefusalCode, message: string): never {
  throw new PickleRefusal(code, message);
}
