/** A text that cannot be read, with the number of its line. Caught where the file's name is known. */
export class BadText extends Error {
  readonly line: number;

  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
    this.line = line;
  }
}

/** Walks over the lines of a text that ends with a newline. */
export class Lines {
  readonly #text: string;
  #at = 0;
  #number = 1;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  /** True when the next line begins so. */
  begins(prefix: string): boolean {
    return this.#text.startsWith(prefix, this.#at);
  }

  /** The rest of the next line, which must begin with `prefix`. */
  take(prefix: string): string {
    if (!this.begins(prefix)) throw this.bad(`does not begin with ${JSON.stringify(prefix)}`);
    const end = this.#text.indexOf("\n", this.#at);
    if (end === -1) throw this.bad("does not end");
    // A prefix never holds a newline, so it ends before the line does.
    const rest = this.#text.slice(this.#at + prefix.length, end);
    this.#at = end + 1;
    this.#number += 1;
    return rest;
  }

  /** Takes a line that is exactly this. */
  expect(line: string): void {
    if (this.take(line) !== "") throw this.badBefore("has more than it should");
  }

  /** About the next line. */
  bad(what: string): BadText {
    return new BadText(this.#number, what);
  }

  /** About the line that was taken last. */
  badBefore(what: string): BadText {
    return new BadText(this.#number - 1, what);
  }
}
