// A small valid GGUF model, the same bytes on every machine. Format: the GGUF specification, version 3.

const TENSOR_BYTES = 64 * 1024 * 1024 - 4096;
const ALIGNMENT = 32;
const STRING = 8;
const I8 = 24;

/** A 64 MiB file: one metadata pair and one tensor of pseudo-random bytes. */
export function demoModel() {
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(1),
    u64(1),
    text("general.architecture"),
    u32(STRING),
    text("demo"),
    text("weights"),
    u32(1),
    u64(TENSOR_BYTES),
    u32(I8),
    u64(0),
  ]);
  const padding = Buffer.alloc((ALIGNMENT - (header.length % ALIGNMENT)) % ALIGNMENT);
  return Buffer.concat([header, padding, noise(TENSOR_BYTES)]);
}

/** xorshift32 from a fixed seed. @param {number} bytes */
function noise(bytes) {
  const words = new Uint32Array(bytes / 4);
  let state = 0x9e3779b9;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer);
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @param {number} value */
function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** @param {string} value */
function text(value) {
  return Buffer.concat([u64(value.length), Buffer.from(value)]);
}
