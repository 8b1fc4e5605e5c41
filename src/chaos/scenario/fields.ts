import { AprError } from "../../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../base/json.ts";

/** Reads plain data with a path for messages. Every failure says where it is and what was wanted. */
export class Fields {
  readonly #value: JsonObject;
  readonly #path: string;

  constructor(value: Json | undefined, path: string, known: readonly string[]) {
    if (value === undefined || !isJsonObject(value)) throw malformed(path, "a mapping");
    this.#value = value;
    this.#path = path;
    const unknown = Object.keys(value).find((key) => !known.includes(key));
    if (unknown !== undefined) {
      throw malformed(`${path}.${unknown}`, `one of ${known.join(", ")}`);
    }
  }

  at(name: string): string {
    return `${this.#path}.${name}`;
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined && this.#value[name] !== null;
  }

  raw(name: string): Json | undefined {
    return this.#value[name];
  }

  text(name: string): string {
    const value = this.#value[name];
    if (typeof value !== "string" || value.trim() === "") throw malformed(this.at(name), "a text");
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  count(name: string, least: number, most: number): number {
    const value = this.#value[name];
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      throw malformed(this.at(name), `a whole number from ${least} to ${most}`);
    }
    return value;
  }

  list(name: string, mostItems: number): readonly Json[] {
    const value = this.#value[name];
    if (value === undefined || !isJsonArray(value)) throw malformed(this.at(name), "a list");
    if (value.length > mostItems) throw malformed(this.at(name), `at most ${mostItems} items`);
    return value;
  }

  texts(name: string, mostItems: number): readonly string[] {
    return this.list(name, mostItems).map((each, index) => {
      if (typeof each !== "string") throw malformed(`${this.at(name)}[${index}]`, "a text");
      return each;
    });
  }

  /** What `read` throws as `usage` is said with its place. */
  parsed<T>(name: string, read: (text: string) => T): T {
    const text = this.text(name);
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof AprError)) throw error;
      throw new AprError("malformed", `${this.at(name)}: ${error.message}`, {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      });
    }
  }
}

export function malformed(path: string, wanted: string): AprError {
  return new AprError("malformed", `${path.replace(/^\./, "")} must be ${wanted}`, {
    hint: "the format is in docs/commands/qa-run.md and schemas/scenario.schema.json",
  });
}
