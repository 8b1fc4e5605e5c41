// The opcodes that Python's pickler writes for plain data in protocols 2 to 5. Source: CPython, Lib/pickletools.py.
// Everything else is refused: what names a global, calls, builds, copies the stack's top, or reads outside.

import { refuse } from "./refusal.ts";

export const MARK = 0x28;
export const STOP = 0x2e;
export const BINFLOAT = 0x47;
export const BININT = 0x4a;
export const BININT1 = 0x4b;
export const BININT2 = 0x4d;
export const NONE = 0x4e;
export const BINUNICODE = 0x58;
export const EMPTY_LIST = 0x5d;
export const APPEND = 0x61;
export const APPENDS = 0x65;
export const BINGET = 0x68;
export const LONG_BINGET = 0x6a;
export const BINPUT = 0x71;
export const LONG_BINPUT = 0x72;
export const SETITEM = 0x73;
export const TUPLE = 0x74;
export const SETITEMS = 0x75;
export const EMPTY_DICT = 0x7d;
export const EMPTY_TUPLE = 0x29;
export const PROTO = 0x80;
export const TUPLE1 = 0x85;
export const TUPLE2 = 0x86;
export const TUPLE3 = 0x87;
export const NEWTRUE = 0x88;
export const NEWFALSE = 0x89;
export const LONG1 = 0x8a;
export const SHORT_BINUNICODE = 0x8c;
export const BINUNICODE8 = 0x8d;
export const MEMOIZE = 0x94;
export const FRAME = 0x95;

/** The fixed bytes after each opcode, before any that they count; -1 for an opcode that is refused. */
export const OPERAND_BYTES: Int8Array = operandBytes();

function operandBytes(): Int8Array {
  const bytes = new Int8Array(256).fill(-1);
  const groups: readonly (readonly [size: number, opcodes: readonly number[]])[] = [
    [0, [MARK, STOP, NONE, EMPTY_LIST, EMPTY_DICT, EMPTY_TUPLE, APPEND, APPENDS, SETITEM, SETITEMS]],
    [0, [TUPLE, TUPLE1, TUPLE2, TUPLE3, NEWTRUE, NEWFALSE, MEMOIZE]],
    [1, [PROTO, BININT1, BINGET, BINPUT, LONG1, SHORT_BINUNICODE]],
    [2, [BININT2]],
    [4, [BININT, BINUNICODE, LONG_BINGET, LONG_BINPUT]],
    [8, [BINFLOAT, BINUNICODE8, FRAME]],
  ];
  for (const [size, opcodes] of groups) for (const opcode of opcodes) bytes[opcode] = size;
  return bytes;
}

const LOWEST_PROTOCOL = 2;
const HIGHEST_PROTOCOL = 5;

/** Python writes the protocol first, from protocol 2 on. */
export function checkFirst(opcode: number): void {
  if (opcode !== PROTO) refuse("not-a-pickle", "it does not begin as a pickle of protocol 2 or later");
}

export function checkProtocol(version: number): void {
  if (version < LOWEST_PROTOCOL || version > HIGHEST_PROTOCOL) {
    refuse("not-a-pickle", `pickle protocol ${version} is not one of 2 to 5`);
  }
}
