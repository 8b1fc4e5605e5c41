import { Buffer } from "node:buffer";
import { isJsonArray, isJsonObject, type Json } from "../../base/json.ts";
import * as OP from "./opcodes.ts";

const PROTOCOL = 4;

/** Plain data as a pickle of protocol 4, without a memo: for small documents. Floats and bigints are not written. */
export function pickleOf(value: Json): Buffer {
  const parts: Buffer[] = [Buffer.from([OP.PROTO, PROTOCOL])];
  write(value, parts);
  parts.push(Buffer.from([OP.STOP]));
  return Buffer.concat(parts);
}

function write(value: Json, parts: Buffer[]): void {
  if (typeof value === "string") {
    const text = Buffer.from(value, "utf8");
    parts.push(head(OP.BINUNICODE, text.length), text);
  } else if (typeof value === "number") {
    parts.push(integer(value));
  } else if (isJsonArray(value)) {
    parts.push(Buffer.from([OP.EMPTY_LIST, OP.MARK]));
    for (const item of value) write(item, parts);
    parts.push(Buffer.from([OP.APPENDS]));
  } else if (isJsonObject(value)) {
    parts.push(Buffer.from([OP.EMPTY_DICT, OP.MARK]));
    for (const [key, item] of Object.entries(value)) {
      write(key, parts);
      write(item ?? null, parts);
    }
    parts.push(Buffer.from([OP.SETITEMS]));
  } else if (typeof value === "boolean") {
    parts.push(Buffer.from([value ? OP.NEWTRUE : OP.NEWFALSE]));
  } else {
    parts.push(Buffer.from([OP.NONE]));
  }
}

function head(opcode: number, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = opcode;
  bytes.writeUInt32LE(length, 1);
  return bytes;
}

/** As 8 bytes of two's complement, whatever its size. */
function integer(value: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes[0] = OP.LONG1;
  bytes[1] = 8;
  bytes.writeBigInt64LE(BigInt(value), 2);
  return bytes;
}
