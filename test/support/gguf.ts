import { createCipheriv, createHash } from "node:crypto";

const ALIGNMENT = 32;

/** A small sound GGUF: one F32 tensor of `dataBytes` bytes that look random and depend on the seed alone. */
export function tinyGguf(dataBytes = 4096, seed = "apr"): Buffer {
  const length = Math.floor(dataBytes / ALIGNMENT) * ALIGNMENT;
  const head = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(1),
    u64(2),
    ...[text("general.architecture"), u32(8), text("llama")],
    ...[text("general.file_type"), u32(4), u32(0)],
    ...[text("w"), u32(1), u64(length / 4), u32(0), u64(0)],
  ]);
  const padding = Buffer.alloc((ALIGNMENT - (head.length % ALIGNMENT)) % ALIGNMENT);
  const key = createHash("md5").update(seed).digest();
  const data = createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
  return Buffer.concat([head, padding, data]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([u64(value.length), Buffer.from(value)]);
}
