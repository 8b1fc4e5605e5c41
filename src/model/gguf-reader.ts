import { Cursor } from "./cursor.ts";
import {
  FIRST_ITEMS,
  MAX_ARRAY_DEPTH,
  MAX_GGUF_HEADER_BYTES,
  MAX_INNER_ARRAYS,
  MAX_KEPT_BYTES,
  MAX_TEXT_BYTES,
  MAX_WHOLE_ARRAY,
} from "./limits.ts";
import { refuse } from "./refusal.ts";
import type { ByteSource } from "./source.ts";
import { decode } from "./text.ts";
import {
  type ArrayValue,
  FIXED_BYTES,
  type FixedType,
  readFixed,
  type TextValue,
  type Value,
  VALUE_TYPES,
  type ValueType,
} from "./gguf-values.ts";

/** What a kept item counts at least, bytes: small numbers need more memory than they have in the file. */
const ITEM_BYTES = 16;

/** Reads GGUF's strings and values, and keeps what fits into memory. */
export class GgufReader {
  readonly cursor: Cursor;
  /** Counts and lengths have 4 bytes in version 1, else 8. */
  countBytes: 4 | 8 = 8;
  private keptBytes = 0;
  private keepLimit = MAX_KEPT_BYTES;
  private innerArrays = 0;

  constructor(source: ByteSource) {
    this.cursor = new Cursor(source, MAX_GGUF_HEADER_BYTES);
  }

  /** A count of things that take at least `leastBytes` each: more than the file has room for is refused. */
  async count(what: string, leastBytes: number): Promise<number> {
    const { cursor, countBytes } = this;
    const offset = cursor.position;
    if (!cursor.has(countBytes)) await cursor.fill(countBytes);
    const count = countBytes === 4 ? BigInt(cursor.u32()) : cursor.u64();
    if (count * BigInt(leastBytes) > BigInt(cursor.remaining)) {
      throw refuse("past-end", `${what} is ${count}, more than the file has room for`, { offset });
    }
    return Number(count);
  }

  /** A name: short, and UTF-8, because names that look alike must not be different. */
  async name(what: string, maxBytes: number): Promise<string> {
    const offset = this.cursor.position;
    const length = await this.count(`the length of ${what}`, 1);
    if (length > maxBytes) {
      throw refuse("name-too-long", `${what} has ${length} bytes, more than ${maxBytes}`, { offset });
    }
    if (!this.cursor.has(length)) await this.cursor.fill(length);
    const { text, exact } = decode(this.cursor.take(length));
    if (!exact) throw refuse("bad-text", `${what} is not UTF-8`, { offset });
    return text;
  }

  async u32(): Promise<number> {
    if (!this.cursor.has(4)) await this.cursor.fill(4);
    return this.cursor.u32();
  }

  async value(type: ValueType, whole: boolean): Promise<Value> {
    if (type === "string") return this.text();
    if (type === "array") return this.array(1, whole);
    return this.fixed(type);
  }

  async valueType(): Promise<ValueType> {
    const offset = this.cursor.position;
    const id = await this.u32();
    const type = VALUE_TYPES[id];
    if (type === undefined) throw refuse("bad-type", `there is no value type ${id}`, { offset });
    return type;
  }

  /** Allows `bytes` more to be kept, for an array that was asked for. */
  allow(bytes: number): void {
    this.keepLimit += bytes;
  }

  /** Counts what stays in memory, in bytes of the file. */
  keep(bytes: number): void {
    this.keptBytes += bytes;
    if (this.keptBytes <= this.keepLimit) return;
    throw refuse("header-too-large", `more than ${this.keepLimit} bytes of names and values`, {
      offset: this.cursor.position,
    });
  }

  private async fixed(type: FixedType): Promise<Value> {
    const { cursor } = this;
    const offset = cursor.position;
    if (!cursor.has(FIXED_BYTES[type])) await cursor.fill(FIXED_BYTES[type]);
    const value = readFixed(cursor, type);
    if (value === undefined) throw refuse("bad-value", "a bool is neither 0 nor 1", { offset });
    return value;
  }

  private async text(): Promise<TextValue> {
    const { cursor } = this;
    const sizeBytes = await this.count("the length of a string", 1);
    if (sizeBytes > MAX_TEXT_BYTES) {
      cursor.skip(sizeBytes);
      return { type: "string", text: null, sizeBytes, exact: false };
    }
    if (!cursor.has(sizeBytes)) await cursor.fill(sizeBytes);
    this.keep(sizeBytes);
    return { type: "string", sizeBytes, ...decode(cursor.take(sizeBytes)) };
  }

  private async array(depth: number, whole: boolean): Promise<ArrayValue> {
    const offset = this.cursor.position;
    if (depth > MAX_ARRAY_DEPTH) {
      throw refuse("nested-too-deep", `arrays are nested deeper than ${MAX_ARRAY_DEPTH}`, { offset });
    }
    if (depth > 1 && ++this.innerArrays > MAX_INNER_ARRAYS) {
      throw refuse("too-many", `there are more than ${MAX_INNER_ARRAYS} arrays inside arrays`, { offset });
    }
    const element = await this.valueType();
    const length = await this.count("the length of an array", this.leastBytes(element));
    const kept = whole || length <= MAX_WHOLE_ARRAY ? length : FIRST_ITEMS;
    const first: Value[] = [];
    while (first.length < kept) {
      first.push(element === "array" ? await this.array(depth + 1, whole) : await this.value(element, whole));
      this.keep(ITEM_BYTES);
    }
    await this.pass(element, length - kept, depth);
    return { type: "array", element, length, first, whole: kept === length };
  }

  /** Walks over items without keeping them. */
  private async pass(element: ValueType, count: number, depth: number): Promise<void> {
    const { cursor } = this;
    if (element === "array") {
      for (let index = 0; index < count; index++) await this.array(depth + 1, false);
    } else if (element === "string") {
      for (let index = 0; index < count; index++) cursor.skip(await this.count("the length of a string", 1));
    } else {
      cursor.skip(count * FIXED_BYTES[element]);
    }
  }

  private leastBytes(type: ValueType): number {
    if (type === "string") return this.countBytes;
    return type === "array" ? 4 + this.countBytes : FIXED_BYTES[type];
  }
}
