/** Something that is wrong with a pack: one file, or two that do not agree. */
export interface Disagreement {
  readonly file: string;
  readonly other: string | null;
  /** What is wrong, for a person: it follows the names. */
  readonly why: string;
}

export function disagreement(file: string, other: string | null, why: string): Disagreement {
  return { file, other, why };
}

/** `journal and journal.digest: …` */
export function disagreementText({ file, other, why }: Disagreement): string {
  return other === null ? `${file}: ${why}` : `${file} and ${other}: ${why}`;
}

/** The number of the first line in which two texts differ. */
export function differentLine(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let line = 1;
  for (let at = 0; at < length && left[at] === right[at]; at++) if (left[at] === "\n") line++;
  return line;
}
