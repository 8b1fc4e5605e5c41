import { quote } from "../reproduce.ts";
import type { Piece, Template } from "../template.ts";
import { injection, type Point } from "./point.ts";

const FOLDERS = ["out", "model", "work", "home", "tmp"].map((name) => `"$d"/${name}`).join(" ");
const HOME =
  'HOME="$d"/home TMPDIR="$d"/tmp TMP="$d"/tmp TEMP="$d"/tmp LC_ALL=C.UTF-8 LANGUAGE=C UV_THREADPOOL_SIZE=1';

/** What brings the folders into the state in which a run begins. */
interface Before {
  /** Shell that puts the model below `$d`. */
  readonly model: string | null;
  readonly setup: Template | null;
}

/**
 * Shell that shows failing runs without apr. `setup` defines `again`, which runs its words in fresh folders below `$d`,
 * with the streams and the environment of the sweep; each run is then one line.
 */
export class SweepReproduction {
  readonly #template: Template;
  readonly #before: Before;
  /** The slot's folder as the command saw it, for paths in points. */
  readonly #folder: string;
  readonly #modelPath: string | null;

  constructor(template: Template, before: Before, slot: { folder: string; modelPath: string | null }) {
    this.#template = template;
    this.#before = before;
    this.#folder = slot.folder;
    this.#modelPath = slot.modelPath;
  }

  get setup(): string {
    return [
      "d=$(mktemp -d)",
      `again() { rm -rf "$d"/*; mkdir ${FOLDERS}`,
      ...(this.#before.model === null ? [] : [this.#before.model]),
      `(cd "$d"/work; export ${HOME}`,
      ...(this.#before.setup === null
        ? []
        : [`${this.#words(this.#before.setup)} >/dev/null 2>&1 </dev/null`]),
      '"$@" >"$d"/stdout 2>"$d"/stderr </dev/null; echo "exit $?"; cat "$d"/stderr',
      'grep -hE "INJECTED|--- SIG|killed by" "$d"/trace; ls -lR "$d"/out "$d"/model); } 2>/dev/null',
    ].join("\n");
  }

  ofPoint(point: Point): string {
    const { trace, inject } = injection(point);
    const path = point.path === null ? "" : `-P ${this.#path(point.path)} `;
    return this.line(`strace -f -o "$d"/trace ${path}-e ${trace} -e ${inject}`);
  }

  /** `words` stand before the command. */
  line(words: string): string {
    return `again ${words} ${this.command}`;
  }

  /** `script` gets the command as `"$@"`, and `zero` as `$0`. */
  script(script: string, zero = "sh"): string {
    return this.line(`sh -c '${script}' ${zero}`);
  }

  get command(): string {
    return this.#words(this.#template);
  }

  #words(template: Template): string {
    return template.words
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
