import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "../temp.ts";

/** A sound GGUF of one tensor of `weightBytes`, whose data is a hole, and of all that a prediction needs. */
export function sparseGguf(weightBytes: number): string {
  const numbers = {
    block_count: 4,
    embedding_length: 64,
    "attention.head_count": 4,
    "attention.head_count_kv": 2,
    context_length: 8192,
  };
  const head = Buffer.concat([
    ...[Buffer.from("GGUF"), u32(3), u64(1), u64(1 + Object.keys(numbers).length)],
    ...[text("general.architecture"), u32(8), text("llama")],
    ...Object.entries(numbers).flatMap(([key, value]) => [text(`llama.${key}`), u32(4), u32(value)]),
    ...[text("w"), u32(1), u64(weightBytes / 4), u32(0), u64(0)],
  ]);
  const path = join(tempDir(), "model.gguf");
  writeFileSync(path, head);
  truncateSync(path, Math.ceil(head.length / 32) * 32 + weightBytes);
  return path;
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
