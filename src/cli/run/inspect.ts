import { AprError, EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { factsJson } from "../../model/facts.ts";
import type { Tensor } from "../../model/tensor.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { AprContext, Run } from "../context.ts";
import { taggedModel } from "../inspect/named.ts";
import { type Inspected, inspectPath } from "../inspect/path.ts";
import { inspectTag, type TaggedModel } from "../inspect/tag.ts";
import { inPieces, inspectText, tensorsText } from "../inspect/text.ts";
import type { StoreFlags } from "../store/store-flags.ts";

export interface InspectFlags extends StoreFlags {
  readonly tensors: boolean;
  readonly blobPath: boolean;
}

export const run: Run<InspectFlags, [string]> = async (context, flags, word) => {
  if (flags.blobPath && flags.tensors) throw new AprError("usage", "--blob-path shows no tensors");
  const model = await taggedModel(context, flags, word);
  if (flags.blobPath) return printPaths(context, flags, word, model);
  if (model === null) {
    print(context, flags, { path: word }, await inspectPath(nodeFiles, word, flags));
  } else {
    const { tag, paths } = model;
    print(
      context,
      flags,
      { path: paths[0] ?? "", tag, blob_paths: [...paths] },
      await inspectTag(model, flags),
    );
  }
  return EXIT.ok;
};

function printPaths(
  context: AprContext,
  flags: InspectFlags,
  word: string,
  model: TaggedModel | null,
): number {
  if (model === null) {
    throw new AprError("usage", `--blob-path needs a tag, and this is a path: ${word}`, { hint: "apr ls" });
  }
  const { tag, paths } = model;
  context.out(
    flags.json
      ? `${stringifyJson({ tag, blob_paths: [...paths] })}\n`
      : paths.map((path) => `${path}\n`).join(""),
  );
  return EXIT.ok;
}

function print(
  context: AprContext,
  flags: InspectFlags,
  place: { readonly path: string; readonly tag?: string; readonly blob_paths?: string[] },
  { facts, tensors, files }: Inspected,
): void {
  if (!flags.json) {
    context.out(inspectText(place.tag ?? place.path, facts));
    if (!flags.tensors) return;
    context.out("\n");
    for (const piece of tensorsText(tensors)) context.out(piece);
    return;
  }
  const document: JsonObject = {
    ...place,
    ...factsJson(facts),
    ...(files === null ? {} : { files: files.map(({ name, role }) => ({ name, role })) }),
  };
  const text = stringifyJson(document);
  if (!flags.tensors) return context.out(`${text}\n`);
  // Piece by piece: a quarter of a million tensors make a document that takes far more memory than they do.
  context.out(`${text.slice(0, -1)},"tensors":[`);
  const parts = inPieces(tensors, (tensor, index) => {
    return `${index === 0 ? "" : ","}${stringifyJson(tensorJson(tensor))}`;
  });
  for (const part of parts) context.out(part);
  context.out("]}\n");
}

function tensorJson({ name, type, shape, items, offset, sizeBytes }: Tensor): JsonObject {
  return { name, type, shape, parameters: items, offset, bytes: sizeBytes };
}
