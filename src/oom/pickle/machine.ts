import { Buffer, isUtf8 } from "node:buffer";
import { Books } from "./books.ts";
import { CONTAINER_UNITS, MAX_STRING_BYTES } from "./limits.ts";
import { Memo } from "./memo.ts";
import { float64, int32, longOf, uint32, uint64 } from "./numbers.ts";
import * as OP from "./opcodes.ts";
import { refuse } from "./refusal.ts";
import { Stack } from "./stack.ts";
import { type PickleSink, Streams } from "./streams.ts";
import { isContainer, PickleDict, PickleFloat, PickleList, PickleTuple, type PickleValue } from "./values.ts";

const LOWEST_PROTOCOL = 2;
const HIGHEST_PROTOCOL = 5;

/**
 * Runs a pickle of plain data, bytes as they come: no globals, no calls. What the sink takes is let go at once, so that
 * memory does not grow with the file. What is accepted has the value that Python's `pickle` gives it; anything that
 * this machine does not know for sure is refused, objects that contain themselves included.
 */
export class PickleMachine {
  readonly #sink: PickleSink;
  readonly #stack = new Stack();
  readonly #memo = new Memo();
  readonly #books = new Books(this.#memo);
  readonly #streams = new Streams();
  readonly #counts = new Map<PickleList, number>();
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Bytes of the file before `#bytes`. */
  #before = 0;
  /** Where the frame ends, in bytes of the file; opcodes may not reach over it. */
  #frameEnd = 0;
  /** How far `#bytes` may be read: to its end, or to the frame's. */
  #limit = 0;
  #started = false;
  #root: PickleValue | undefined;

  constructor(sink: PickleSink) {
    this.#sink = sink;
  }

  /** Takes the next bytes of the file; they may be overwritten after the call. Throws `PickleRefusal`. */
  push(chunk: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at);
    this.#before += this.#at;
    const next = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#bytes = rest.length === 0 ? next : Buffer.concat([rest, next]);
    this.#at = 0;
    this.#run();
    // The caller's bytes are not kept: what is left over of them is copied.
    this.#bytes = Buffer.from(this.#bytes.subarray(this.#at));
    this.#before += this.#at;
    this.#at = 0;
  }

  /** The whole value, without the items that the sink took. Throws `PickleRefusal` when the file ends too early. */
  end(): PickleValue {
    const root = this.#root;
    if (root === undefined)
      refuse(
        "cut-short",
        `the file ends at byte ${this.#before + this.#bytes.length}, before its pickle does`,
      );
    if (this.#bytes.length > 0) refuse("malformed", "something follows the end of the pickle");
    if (this.#frameEnd > this.#before) refuse("cut-short", "the file ends inside a frame");
    this.#streams.verify(root);
    return root;
  }

  /** Runs what is there. The most frequent opcodes are done here, without a call. */
  #run(): void {
    const bytes = this.#bytes;
    const stack = this.#stack;
    let at = this.#at;
    if (!this.#started && bytes.length > 0) this.#start(bytes[0] as number);
    this.#setLimit(at);
    while (this.#root === undefined) {
      if (at >= this.#limit && !this.#setLimit(at)) break;
      const opcode = bytes[at] as number;
      const next = at + 1 + (OP.OPERAND_BYTES[opcode] as number);
      if (next > this.#limit && !this.#mayGoOn()) break;
      if (opcode === OP.LONG_BINGET) {
        stack.push(this.#memo.get(uint32(bytes, at + 1)));
      } else if (opcode === OP.BINGET) {
        stack.push(this.#memo.get(bytes[at + 1] as number));
      } else if (opcode === OP.BININT1) {
        stack.push(bytes[at + 1] as number);
      } else if (opcode === OP.BININT2) {
        stack.push((bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8));
      } else if (opcode === OP.BININT) {
        stack.push(int32(bytes, at + 1));
      } else if (next === at) {
        const place = `0x${opcode.toString(16)} at byte ${this.#before + at}`;
        refuse("unsupported-opcode", `opcode ${place} is none that plain data has`);
      } else {
        this.#at = next;
        if (!this.#step(opcode, at + 1)) break;
        at = this.#at;
        continue;
      }
      at = next;
    }
    this.#at = at;
  }

  /** False when there is nothing left to read. */
  #setLimit(at: number): boolean {
    const { length } = this.#bytes;
    const frame = this.#frameEnd - this.#before;
    this.#limit = frame > at ? Math.min(frame, length) : length;
    return at < length;
  }

  /** For what reaches over the limit: false where bytes are still to come, refused where the frame ends. */
  #mayGoOn(): false {
    if (this.#limit < this.#bytes.length) refuse("malformed", "an opcode reaches over the end of its frame");
    return false;
  }

  #frame(at: number): void {
    if (this.#frameEnd > this.#before + at) refuse("malformed", "a frame begins in another");
    this.#frameEnd = this.#before + at + 8 + uint64(this.#bytes, at);
    this.#setLimit(at + 8);
  }

  #start(opcode: number): void {
    if (opcode !== OP.PROTO) refuse("not-a-pickle", "it does not begin as a pickle of protocol 2 or later");
    this.#started = true;
  }

  /** One of the other opcodes, the most frequent first; false when bytes that it counts are still to come. */
  #step(opcode: number, at: number): boolean {
    const stack = this.#stack;
    switch (opcode) {
      case OP.LONG1:
        return this.#long(at);
      case OP.MEMOIZE:
        this.#memo.append(stack.top());
        return true;
      case OP.MARK:
        stack.mark();
        return true;
      case OP.EMPTY_DICT:
        this.#books.hold(CONTAINER_UNITS);
        stack.push(new PickleDict());
        return true;
      case OP.EMPTY_LIST:
        this.#books.hold(CONTAINER_UNITS);
        stack.push(new PickleList());
        return true;
      case OP.SETITEMS:
        this.#pairs(stack.takeMark());
        return true;
      case OP.APPENDS:
        this.#items(stack.takeMark());
        return true;
      case OP.BINPUT:
        this.#memo.put(this.#bytes[at] as number, stack.top());
        return true;
      case OP.LONG_BINPUT:
        this.#memo.put(uint32(this.#bytes, at), stack.top());
        return true;
      default:
        return this.#rare(opcode, at);
    }
  }

  #rare(opcode: number, at: number): boolean {
    const bytes = this.#bytes;
    const stack = this.#stack;
    switch (opcode) {
      case OP.SHORT_BINUNICODE:
        return this.#text(bytes[at] as number, at + 1);
      case OP.BINUNICODE:
        return this.#text(uint32(bytes, at), at + 4);
      case OP.BINUNICODE8:
        return this.#text(uint64(bytes, at), at + 8);
      case OP.APPEND:
        this.#items(stack.height - 1);
        return true;
      case OP.SETITEM:
        this.#pairs(stack.height - 2);
        return true;
      case OP.NONE:
        stack.push(null);
        return true;
      case OP.NEWTRUE:
      case OP.NEWFALSE:
        stack.push(opcode === OP.NEWTRUE);
        return true;
      case OP.BINFLOAT:
        this.#books.hold(2);
        stack.push(new PickleFloat(float64(bytes, at)));
        return true;
      case OP.EMPTY_TUPLE:
        this.#tuple(stack.height);
        return true;
      case OP.TUPLE1:
      case OP.TUPLE2:
      case OP.TUPLE3:
        this.#tuple(stack.height - (opcode - OP.TUPLE1 + 1));
        return true;
      case OP.TUPLE:
        this.#tuple(stack.takeMark());
        return true;
      case OP.FRAME:
        this.#frame(at);
        return true;
      case OP.PROTO:
        this.#protocol(bytes[at] as number);
        return true;
      default:
        this.#stop();
        return true;
    }
  }

  #long(at: number): boolean {
    const length = this.#bytes[at] as number;
    if (at + 1 + length > this.#limit) return this.#mayGoOn();
    this.#stack.push(longOf(this.#bytes, at + 1, length));
    this.#at = at + 1 + length;
    return true;
  }

  #text(length: number, at: number): boolean {
    if (length > MAX_STRING_BYTES)
      refuse("too-large", `a string of ${length} bytes is beyond ${MAX_STRING_BYTES}`);
    const end = at + length;
    if (end > this.#limit) return this.#mayGoOn();
    if (!isUtf8(this.#bytes.subarray(at, end))) refuse("malformed", "a string is not UTF-8");
    const text = this.#bytes.toString("utf8", at, end);
    this.#books.holdString(text);
    this.#stack.push(text);
    this.#at = end;
    return true;
  }

  #tuple(from: number): void {
    const tuple = new PickleTuple([]);
    tuple.items = this.#stack.takeItems(from, tuple);
    this.#books.hold(CONTAINER_UNITS + tuple.items.length);
    this.#stack.push(tuple);
  }

  #pairs(from: number): void {
    const dict = this.#stack.dict(from);
    const before = dict.items.length;
    this.#stack.takePairs(from, dict);
    this.#books.hold(dict.items.length - before);
  }

  #items(from: number): void {
    const list = this.#stack.list(from);
    const stream = this.#streams.of(this.#stack, from - 1, list);
    const items = this.#stack.takeItems(from, list);
    this.#books.hold(items.length);
    if (stream === null) {
      if (list.items.length === 0) list.items = items;
      else for (const item of items) list.items.push(item);
      return;
    }
    list.streamed = true;
    // Nobody may share it from now on.
    this.#memo.replace(list, null);
    let index = this.#counts.get(list) ?? 0;
    for (const item of items) {
      this.#books.keepParts(item);
      if (stream.name === "segments") this.#sink.segment(item, index);
      else this.#sink.traceEntry(item, stream.index, index);
      this.#books.letGo(item);
      index += 1;
    }
    this.#books.hold(-items.length);
    this.#counts.set(list, index);
  }

  #protocol(version: number): void {
    if (version < LOWEST_PROTOCOL || version > HIGHEST_PROTOCOL) {
      refuse("not-a-pickle", `pickle protocol ${version} is not one of 2 to 5`);
    }
  }

  #stop(): void {
    const root = this.#stack.top();
    if (this.#stack.height !== 1 || this.#stack.marks.length > 0)
      refuse("malformed", "the pickle ends too early");
    if (isContainer(root)) root.open = false;
    this.#root = root;
  }
}
