/** A frame's parts, as `file:line function` names them. */
export interface FrameParts {
  readonly name: string;
  readonly file: string;
  /** 0 where there is none. */
  readonly line: number;
}

const PLACED = /^(\S{1,1000}):(\d{1,9}) (.+)$/s;

/** Takes a frame apart; one of another form is all name. */
export function frameParts(frame: string): FrameParts {
  const parts = PLACED.exec(frame);
  if (parts === null) return { name: frame, file: "", line: 0 };
  return { name: parts[3] ?? "", file: parts[1] ?? "", line: Number(parts[2]) };
}

/** Numbers for different values, from 0 on, in the order in which they came. */
export class Numbers {
  readonly #byKey = new Map<string, number>();

  of(key: string): number {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    this.#byKey.set(key, this.#byKey.size);
    return this.#byKey.size - 1;
  }

  get keys(): string[] {
    return [...this.#byKey.keys()];
  }
}
