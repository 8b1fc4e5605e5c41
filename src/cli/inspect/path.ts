import { AprError } from "../../base/errors.ts";
import type { ModelFacts } from "../../model/facts.ts";
import { inspectFolder } from "../../model/folder.ts";
import type { ModelFile } from "../../model/folder-files.ts";
import type { OpenSource } from "../../model/folder-source.ts";
import { inspectFile } from "../../model/inspect.ts";
import { openModel } from "../../model/open.ts";
import type { Refusal } from "../../model/refusal.ts";
import type { Tensor } from "../../model/tensor.ts";
import { printable } from "../../reports/printable.ts";
import type { Files } from "../../world/files.ts";

/** What `apr inspect` shows. `files` is null for a single file. */
export interface Inspected {
  readonly facts: ModelFacts;
  readonly tensors: readonly Tensor[];
  readonly files: readonly ModelFile[] | null;
}

/** Inspects a file or a folder. Throws `AprError`: `not-found`, or `malformed` for what is refused. */
export async function inspectPath(
  files: Files,
  path: string,
  options: { readonly tensors: boolean },
): Promise<Inspected> {
  const model = await openModel(files, path);
  switch (model.kind) {
    case "absent":
      throw new AprError("not-found", `${path}: no such file or folder`, { fields: { path } });
    case "other":
      throw new AprError("malformed", `${path}: neither a regular file nor a folder`, { fields: { path } });
    case "folder": {
      const outcome = await inspectFolder(model.folder, options);
      if (outcome.kind === "refused") throw refusalError(path, outcome);
      return outcome;
    }
    case "file":
      return inspectOpen(path, model.file);
  }
}

/** True when a path leads anywhere, links followed. */
export async function isThere(files: Files, path: string): Promise<boolean> {
  const model = await openModel(files, path);
  if (model.kind === "file") await model.file.close();
  return model.kind !== "absent";
}

/** Inspects an open file, and closes it. */
export async function inspectOpen(path: string, open: OpenSource): Promise<Inspected> {
  try {
    const outcome = await inspectFile(open.source);
    if (outcome.kind === "refused") throw refusalError(path, outcome);
    return { ...outcome, files: null };
  } finally {
    await open.close();
  }
}

/** A refusal as an error for a person: the place first, then what is wrong there. */
export function refusalError(path: string, { code, message, tensor, offset, file }: Refusal): AprError {
  const where = [
    path,
    ...(file === undefined ? [] : [file]),
    ...(tensor === undefined ? [] : [`tensor ${tensor}`]),
  ];
  const at = offset === undefined ? "" : ` (at byte ${offset})`;
  return new AprError("malformed", printable(`${where.join(": ")}: ${message}${at}`), {
    fields: {
      path,
      code,
      ...(file === undefined ? {} : { file }),
      ...(tensor === undefined ? {} : { tensor }),
      ...(offset === undefined ? {} : { offset }),
    },
  });
}
