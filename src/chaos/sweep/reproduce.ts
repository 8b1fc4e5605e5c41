import { quote } from "../reproduce.ts";
import type { Piece, Template } from "../template.ts";
import { injection, type Point } from "./point.ts";

const FOLDERS = ["out", "model", "work", "home", "tmp"].map((name) => `"$d"/${name}`).join(" ");

/** Shell that shows one failing run without apr: the same folders, streams and environment, in a fresh folder `$d`. */
export class SweepReproduction {
  readonly #template: Template;
  readonly #model: string | null;
  /** The slot's folder as the command saw it, for paths in points. */
  readonly #folder: string;
  readonly #modelPath: string | null;

  constructor(template: Template, model: string | null, slot: { folder: string; modelPath: string | null }) {
    this.#template = template;
    this.#model = model;
    this.#folder = slot.folder;
    this.#modelPath = slot.modelPath;
  }

  ofPoint(point: Point): string {
    const { trace, inject } = injection(point);
    const path = point.path === null ? "" : `-P ${this.#path(point.path)} `;
    const strace = `strace -f -o "$d"/trace ${path}-e ${trace} -e ${inject}`;
    const proof = point.kind === "error" ? "INJECTED" : `${point.fault}`;
    return this.around(`${strace} ${this.command} ${this.streams}`, `grep ${proof} "$d"/trace`);
  }

  /** `line` runs the command; `show` is what else is worth a look. */
  around(line: string, show = ""): string {
    const copy = this.#model === null ? "" : `cp -rp -- ${quote(this.#model)} "$d"/model/; `;
    const home = 'export HOME="$d"/home TMPDIR="$d"/tmp TMP="$d"/tmp TEMP="$d"/tmp LC_ALL=C.UTF-8 LANGUAGE=C';
    const prepare = `d=$(mktemp -d); mkdir ${FOLDERS}; ${copy}cd "$d"/work; ${home}`;
    const tell = 'echo "exit $?"; cat "$d"/stderr';
    return `(${prepare}; ${line}; ${tell}; ${show === "" ? "" : `${show}; `}ls -lR "$d"/out "$d"/model)`;
  }

  get streams(): string {
    return '>"$d"/stdout 2>"$d"/stderr </dev/null';
  }

  get command(): string {
    return this.#template.words
      .map((word) => this.#word(word))
      .filter((word) => word !== "")
      .join(" ");
  }

  /** The output as a shell word; empty where there is none. */
  get output(): string {
    return this.#template.output === null ? "" : this.#word(this.#template.output);
  }

  get model(): string {
    return this.#modelPath === null ? "" : this.#path(this.#modelPath);
  }

  #word(pieces: readonly Piece[]): string {
    const parts = pieces.map((piece) => {
      if ("text" in piece) return quote(piece.text);
      switch (piece.placeholder) {
        case "model":
          return this.model;
        case "out":
          return '"$d"/out/out';
        case "tmp":
          return '"$d"/tmp';
        case "force":
          return "";
      }
    });
    const word = parts.join("");
    const forceAlone = pieces.length === 1 && pieces[0] !== undefined && "placeholder" in pieces[0];
    return word === "" && !forceAlone ? "''" : word;
  }

  #path(path: string): string {
    if (!path.startsWith(`${this.#folder}/`)) return quote(path);
    const inside = path.slice(this.#folder.length + 1);
    return inside === "notes/stdout" ? '"$d"/stdout' : `"$d"/${quote(inside)}`;
  }
}
