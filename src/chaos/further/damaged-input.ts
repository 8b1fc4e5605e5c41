import type { Worker } from "../sweep/bench.ts";
import type { Case } from "./case.ts";
import type { Ground } from "./ground.ts";

/** A larger model is not damaged: each case writes it anew. */
const MAX_MODEL_BYTES = 64 * 1024 * 1024;
const BITS = 8;

/** The model ends early, or one bit of it is wrong. Another output is right then; only a check can tell. */
export function damagedInput({ lines, reproduction, stage }: Ground): readonly Case[] {
  const bytes = plainModelBytes(stage);
  if (bytes === 0) return [];
  const target = reproduction.model;
  const damaged = (which: string, title: string, name: string, shell: string, damage: Damage): Case => ({
    name,
    title,
    which,
    reproduce: reproduction.script(`${shell}; exec "$@"`, target),
    prepare: async (worker) => {
      await damageModel(worker, damage);
    },
    line: ({ station }) => lines.plain(station),
    terms: () => ({ proof: `${title}: ${which}`, otherOutput: true, modelTouched: true }),
  });
  const cuts = [...new Set([0, bytes >> 1, bytes - 1])].map((size) =>
    damaged(`${size} bytes`, "input cut short", "input-truncated", `truncate -s ${size} "$0"`, (model) =>
      model.subarray(0, size),
    ),
  );
  const places = Array.from({ length: BITS }, (_, index) => Math.floor(((bytes - 1) * index) / (BITS - 1)));
  const flips = [...new Set(places)].map((place) => {
    // No single quote, and no backslash that a shell would take: the script stands in quotes.
    const byte = `$(od -An -tu1 -j${place} -N1 "$0")`;
    const shell = `printf %b "\\0$(printf %o $((${byte} ^ 1)))" | dd of="$0" bs=1 seek=${place} conv=notrunc 2>/dev/null`;
    return damaged(`byte ${place}`, "one bit of the input flipped", "input-bit", shell, (model) => {
      const copy = Uint8Array.from(model);
      copy[place] = (copy[place] ?? 0) ^ 1;
      return copy;
    });
  });
  return [...cuts, ...flips];
}

type Damage = (model: Uint8Array) => Uint8Array;

function plainModelBytes({ sandbox }: Ground["stage"]): number {
  const { model } = sandbox;
  return model === null || !model.isFile || model.bytes > MAX_MODEL_BYTES ? 0 : model.bytes;
}

async function damageModel({ station, slot }: Worker, damage: Damage): Promise<void> {
  const path = station.host(slot.model?.path ?? "");
  const whole = slot.world.quick.head(path, MAX_MODEL_BYTES);
  if (whole === null) throw new Error("the model of a slot cannot be read");
  await slot.world.files.write(path, damage(whole));
}
