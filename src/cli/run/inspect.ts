import { AprError, EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { factsJson } from "../../model/facts.ts";
import type { Tensor } from "../../model/tensor.ts";
import { nodeFiles } from "../../world/node/files.ts";
import type { AprContext, CommonFlags, Run } from "../context.ts";
import { type Inspected, inspectPath } from "../inspect/path.ts";
import { inspectText, tensorsText } from "../inspect/text.ts";

export interface InspectFlags extends CommonFlags {
  readonly tensors: boolean;
}

export const run: Run<InspectFlags, [string]> = async (context, flags, path) => {
  const inspected = await inspectPath(nodeFiles, path, { tensors: flags.tensors });
  print(context, flags, path, inspected);
  return EXIT.ok;
};

function print(
  context: AprContext,
  flags: InspectFlags,
  path: string,
  { facts, tensors, files }: Inspected,
): void {
  if (!flags.json) {
    context.out(inspectText(path, facts) + (flags.tensors ? `\n${tensorsText(tensors)}` : ""));
    return;
  }
  const document: JsonObject = {
    path,
    ...factsJson(facts),
    ...(files === null ? {} : { files: files.map(({ name, role }) => ({ name, role })) }),
    ...(flags.tensors ? { tensors: tensors.map(tensorJson) } : {}),
  };
  try {
    context.out(`${stringifyJson(document)}\n`);
  } catch (error) {
    // The longest string that the engine can hold has 512 Mi characters.
    if (!(error instanceof RangeError)) throw error;
    throw new AprError("io", `${path}: too many tensors for one document`, { cause: error });
  }
}

function tensorJson({ name, type, shape, items, offset, sizeBytes }: Tensor): JsonObject {
  return { name, type, shape, parameters: items, offset, bytes: sizeBytes };
}
