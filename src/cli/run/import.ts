import { AprError, EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { type Adopted, adoptHuggingFace, adoptOllama } from "../../store/adopt.ts";
import { type Imported, importModel, type ModelSource } from "../../store/import.ts";
import { LOCAL, parseRef, type Ref } from "../../store/ref.ts";
import { findModel } from "../../store/sources.ts";
import { stdinChunks } from "../../world/node/stdin.ts";
import { nodeStoreWorld } from "../../world/node/store-world.ts";
import type { AprContext, Run } from "../context.ts";
import { bar } from "../store/bar.ts";
import { describeModel } from "../store/describe.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { absolute, homeFolder, stoppable, writableStore } from "../store/open.ts";
import { table } from "../store/table.ts";

export interface ImportFlags extends StoreFlags {
  readonly as?: string;
  readonly link: boolean;
  readonly adopt?: string;
}

export const run: Run<ImportFlags, string[]> = async (context, flags, ...paths) => {
  if (flags.adopt !== undefined) return adopt(context, flags, flags.adopt, paths);
  if (paths.length === 0)
    throw new AprError("usage", "nothing to import", { hint: "apr import FILE, or --adopt ollama" });
  if (flags.as !== undefined && paths.length > 1) {
    throw new AprError("usage", "--as names one model, and there are several paths");
  }
  const given = flags.as === undefined ? null : parseRef(flags.as);
  const line = bar(context, "import");
  const done = await stoppable(async (signal) => {
    const imported: Imported[] = [];
    for (const path of paths) {
      const found = await look(path, given, signal);
      line.expect(await sizeOf(found.source));
      const store = await writableStore(context, flags);
      const options = { link: flags.link, signal, onBytes: line.add, describe: describeModel };
      imported.push(await importModel(store, { ...options, ...found }));
    }
    return imported;
  }).finally(line.done);
  context.out(
    flags.json ? `${JSON.stringify({ imported: done.map(importedJson) })}\n` : done.map(words).join(""),
  );
  return EXIT.ok;
};

async function look(
  path: string,
  given: Ref | null,
  signal: AbortSignal,
): Promise<{ readonly ref: Ref; readonly source: ModelSource }> {
  if (path === "-") {
    if (given === null) throw new AprError("usage", "stdin has no name: use --as TAG");
    return { ref: given, source: { kind: "stream", chunks: stdinChunks(signal) } };
  }
  const { name, parts } = await findModel(nodeStoreWorld, absolute(path));
  return { ref: given ?? { ...LOCAL, name, tag: "latest" }, source: { kind: "files", parts } };
}

/** For the bar alone: 0 for what cannot be told beforehand, such as a stream. */
async function sizeOf(source: ModelSource): Promise<number> {
  if (source.kind === "stream") return 0;
  const { files } = nodeStoreWorld;
  try {
    const facts = await Promise.all(
      source.parts.map(async ({ path }) => files.facts(await files.realPath(path))),
    );
    return facts.reduce((sum, each) => sum + (each?.sizeBytes ?? 0), 0);
  } catch {
    return 0;
  }
}

function importedJson({ tag, digest, sizeBytes, how, created }: Imported): object {
  return { tag, digest, size: sizeBytes, how, created };
}

function words({ tag, sizeBytes, how, created }: Imported): string {
  const way = created ? [...new Set(how)].join(", ") : "already there, the same";
  return `  ${tag}  ${formatBytes(sizeBytes)}  ${way}\n`;
}

async function adopt(
  context: AprContext,
  flags: ImportFlags,
  what: string,
  paths: readonly string[],
): Promise<number> {
  if (paths.length > 0 || flags.as !== undefined) {
    throw new AprError("usage", "--adopt takes everything from one place: no PATH, no --as");
  }
  const [kind, ...rest] = what.split("=");
  const told = rest.join("=");
  const line = bar(context, "adopt");
  const done = await stoppable(async (signal): Promise<Adopted> => {
    const options = { signal, onBytes: line.add };
    if (kind === "ollama") {
      const folder =
        told === "" ? (context.env["OLLAMA_MODELS"] ?? `${homeFolder(context)}/.ollama/models`) : told;
      return adoptOllama(await writableStore(context, flags), absolute(folder), options);
    }
    if (kind !== "hf")
      throw new AprError("usage", `cannot adopt ${JSON.stringify(what)}`, {
        hint: "ollama[=DIR] or hf[=DIR]",
      });
    const folder = absolute(told === "" ? huggingFaceCache(context) : told);
    return adoptHuggingFace(await writableStore(context, flags), folder, describeModel, options);
  }).finally(line.done);
  if (flags.json) context.out(`${JSON.stringify(done)}\n`);
  else {
    const { adopted, known, skipped } = done;
    const rows = skipped.map(({ tag, why }) => ["skipped", tag, why]);
    context.out(`${adopted.map((tag) => `  adopted ${tag}\n`).join("")}${table(rows)}`);
    context.out(`  ${adopted.length} adopted, ${known.length} there already, ${skipped.length} skipped\n`);
  }
  return EXIT.ok;
}

function huggingFaceCache(context: AprContext): string {
  const { env } = context;
  const home = env["HF_HOME"] ?? `${homeFolder(context)}/.cache/huggingface`;
  return env["HF_HUB_CACHE"] ?? `${home}/hub`;
}
