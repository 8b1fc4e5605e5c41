import { AprError } from "../base/errors.ts";

const PLACEHOLDERS = ["model", "out", "tmp", "force"] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** One piece of a word: text as it is, or a placeholder. */
export type Piece = { readonly text: string } | { readonly placeholder: Placeholder };

/** A command as the person wrote it, with its placeholders found. */
export interface Template {
  readonly words: readonly (readonly Piece[])[];
  /** Where the output will lie; null when the command names none. */
  readonly output: readonly Piece[] | null;
  /** Where it may keep unfinished work, at this path or below; null when nobody said so. */
  readonly state: readonly Piece[] | null;
}

export type Bindings = Readonly<Record<Placeholder, string>>;

/** Reads the words of a command. `output` and `state` are the values of their flags, if any. Throws `usage`. */
export function parseTemplate(
  command: readonly string[],
  output: string | undefined,
  stateFlag?: string,
): Template {
  const words = command.map(parseWord);
  const state = stateFlag === undefined ? null : parseWord(stateFlag);
  if (output !== undefined) return { words, output: parseWord(output), state };
  const named = new Map<string, readonly Piece[]>();
  for (const word of words) {
    const at = word.findIndex((piece) => "placeholder" in piece && piece.placeholder === "out");
    if (at !== -1) named.set(JSON.stringify(word.slice(at)), word.slice(at));
  }
  if (named.size > 1) {
    throw new AprError("usage", "the command names more than one output", {
      hint: "say which one is judged: --output '{out}.bin'",
    });
  }
  return { words, output: [...named.values()][0] ?? null, state };
}

export function uses(template: Template, placeholder: Placeholder): boolean {
  return [...template.words, template.output ?? [], template.state ?? []].some((word) =>
    word.some((piece) => "placeholder" in piece && piece.placeholder === placeholder),
  );
}

export function expand(word: readonly Piece[], bindings: Bindings): string {
  return word.map((piece) => ("text" in piece ? piece.text : bindings[piece.placeholder])).join("");
}

/** The argument list of a run. A word that is `{force}` alone vanishes while no force flag is bound. */
export function expandCommand(template: Template, bindings: Bindings): [string, ...string[]] {
  const words = template.words.filter((word) => !(isForce(word) && bindings.force === ""));
  const [program, ...args] = words.map((word) => expand(word, bindings));
  if (program === undefined || program === "") throw new AprError("usage", "the command is empty");
  const appended = bindings.force !== "" && !uses(template, "force") ? [bindings.force] : [];
  return [program, ...args, ...appended];
}

function isForce(word: readonly Piece[]): boolean {
  const [piece] = word;
  return word.length === 1 && piece !== undefined && "placeholder" in piece && piece.placeholder === "force";
}

/** `{{` and `}}` stand for the brackets themselves. */
function parseWord(word: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = "";
  const token = /\{\{|\}\}|\{([A-Za-z_]+)\}/g;
  let end = 0;
  for (const found of word.matchAll(token)) {
    text += word.slice(end, found.index);
    end = found.index + found[0].length;
    const name = found[1];
    if (name === undefined) {
      text += found[0][0] ?? "";
      continue;
    }
    const placeholder = PLACEHOLDERS.find((known) => known === name);
    if (placeholder === undefined) {
      throw new AprError("usage", `unknown placeholder {${name}} in ${JSON.stringify(word)}`, {
        hint: `known: {model} {out} {tmp} {force}; for the text itself write {{${name}}}`,
      });
    }
    if (text !== "") pieces.push({ text });
    text = "";
    pieces.push({ placeholder });
  }
  text += word.slice(end);
  if (text !== "" || pieces.length === 0) pieces.push({ text });
  return pieces;
}
