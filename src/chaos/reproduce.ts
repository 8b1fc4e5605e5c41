import { shellQuote } from "../base/shellwords.ts";
import type { Piece, Template } from "./template.ts";

/** Shell lines that show a fault without apr. `$d` is a fresh folder; the model is the person's own file. */
export class Reproduction {
  readonly #template: Template;
  readonly #model: string | null;

  constructor(template: Template, model: string | null) {
    this.#template = template;
    this.#model = model;
  }

  /** `line` gets the command as shell words; it may use `$d` and `"$d"/out`. */
  with(line: (command: string) => string, force = ""): string {
    return `d=$(mktemp -d); mkdir "$d/out" "$d/model"; ${this.#copyModel()}${line(this.command(force))}`;
  }

  /** On a file system of `bytes` over the output's folder, in a namespace of its own. */
  onSmallDisk(bytes: number, withModel: boolean): string {
    const mount = `mount -t tmpfs -o size=${bytes} tmpfs "$1" && d=$1 && `;
    const start = withModel ? 'cp -r -- "$2" "$1"/ && shift 2 && "$@"' : 'shift && "$@"';
    const rest = `${start}; echo "exit $?"; ls -l "$d"`;
    const model = withModel ? ` ${quote(this.#model ?? "")}` : "";
    return this.with(
      (command) => `unshare -Urm sh -c '${mount}${rest}' sh ${this.outputFolder}${model} ${command}`,
    );
  }

  command(force: string): string {
    const words = this.#template.words
      .map((word) => this.word(word, force))
      .filter((word, index) => !(word === "''" && isForceAlone(this.#template.words[index])));
    const appended =
      force !== "" && !this.#template.words.some((word) => word.some(isForce)) ? [quote(force)] : [];
    return [...words, ...appended].join(" ");
  }

  get output(): string {
    return this.#template.output === null ? "" : this.word(this.#template.output, "");
  }

  /** The output's folder, as a shell word. */
  get outputFolder(): string {
    return `"$(dirname ${this.output})"`;
  }

  word(pieces: readonly Piece[], force: string): string {
    const parts = pieces.map((piece) => {
      if ("text" in piece) return quote(piece.text);
      switch (piece.placeholder) {
        case "model":
          return `"$d"/model/${quote(this.#modelName())}`;
        case "out":
          return '"$d"/out/out';
        case "tmp":
          return '"$d"';
        case "force":
          return force === "" ? "" : quote(force);
      }
    });
    const word = parts.join("");
    return word === "" ? "''" : word;
  }

  #modelName(): string {
    return this.#model?.slice(this.#model.lastIndexOf("/") + 1) ?? "";
  }

  #copyModel(): string {
    return this.#model === null ? "" : `cp -r -- ${quote(this.#model)} "$d"/model; `;
  }
}

function isForce(piece: Piece): boolean {
  return "placeholder" in piece && piece.placeholder === "force";
}

function isForceAlone(word: readonly Piece[] | undefined): boolean {
  return word?.length === 1 && word[0] !== undefined && isForce(word[0]);
}

/** One word for the middle of a line, where no word is reserved. */
export function quote(word: string): string {
  return word === "" ? "" : shellQuote(["x", word]).slice(2);
}
