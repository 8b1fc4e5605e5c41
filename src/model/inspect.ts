import type { ModelFacts } from "./facts.ts";
import { GGUF_MAGIC, type GgufHeader, readGguf } from "./gguf.ts";
import { ggufFacts } from "./gguf-facts.ts";
import type { Refusal } from "./refusal.ts";
import { readSafetensors, type SafetensorsHeader } from "./safetensors.ts";
import { safetensorsFacts } from "./safetensors-facts.ts";
import type { ByteSource } from "./source.ts";
import { Tally, type Tensor } from "./tensor.ts";

/** One file that was understood. */
export interface InspectedFile {
  readonly kind: "inspected";
  readonly facts: ModelFacts;
  readonly tensors: readonly Tensor[];
}

/** Reads one file's header, GGUF or safetensors by its first bytes, and makes facts of it. */
export async function inspectFile(source: ByteSource): Promise<InspectedFile | Refusal> {
  const header = await readHeaderOf(source);
  if (header.kind === "refused") return header;
  return { kind: "inspected", facts: headerFacts(header), tensors: header.tensors };
}

async function readHeaderOf(source: ByteSource): Promise<GgufHeader | SafetensorsHeader | Refusal> {
  const start = await source.read(0, Math.min(source.sizeBytes, GGUF_MAGIC.length));
  if ("kind" in start) return start;
  if (GGUF_MAGIC.every((byte, index) => start[index] === byte)) return readGguf(source);
  return readSafetensors(source);
}

function headerFacts(header: GgufHeader | SafetensorsHeader): ModelFacts {
  if (header.kind === "gguf") return ggufFacts(header);
  const tally = new Tally();
  tally.add(header.tensors);
  const { metadata, headerBytes, sizeBytes } = header;
  const notes = [] as const;
  return safetensorsFacts({
    totals: tally.totals(),
    metadata,
    config: null,
    headerBytes,
    sizeBytes,
    weightFiles: [],
    notes,
  });
}
