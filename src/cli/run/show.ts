import { EXIT } from "../../base/errors.ts";
import { parseJson, stringifyJson } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import { findBlob } from "../../store/blobs.ts";
import { requireTag } from "../../store/copy-tag.ts";
import { blobPath } from "../../store/layout.ts";
import { describeEntry, uniqueBlobs } from "../../store/list.ts";
import { MEDIA } from "../../store/manifest.ts";
import { parseRef } from "../../store/ref.ts";
import type { Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { existingStore } from "../store/open.ts";
import { table } from "../store/table.ts";
import { listedJson } from "./ls.ts";

export interface ShowFlags extends StoreFlags {}

export const run: Run<ShowFlags, [string]> = async (context, flags, text) => {
  const ref = parseRef(text);
  const store = await existingStore(context, flags);
  const entry = await requireTag(store, ref);
  const blobs = [];
  for (const { digest, sizeBytes, mediaType, title } of uniqueBlobs(entry.image)) {
    const there = (await findBlob(store, digest)) !== null;
    blobs.push({
      digest,
      size: sizeBytes,
      media_type: mediaType,
      file: title,
      path: blobPath(store.root, digest),
      there,
    });
  }
  const listed = await describeEntry(store, entry);
  if (flags.json) {
    const manifest = parseJson(new TextDecoder().decode(entry.imageBytes));
    context.out(`${stringifyJson({ ...listedJson(listed), form: entry.form, blobs, manifest })}\n`);
    return EXIT.ok;
  }
  const facts = Object.entries(listedJson(listed)).map(([key, value]) => [
    key,
    key === "size" ? formatBytes(Number(value)) : typeof value === "string" ? value : "-",
  ]);
  const rows = blobs.map(({ file, size, path, there, media_type: type }) => [
    file ??
      (type === MEDIA.config || type === MEDIA.dockerConfig ? "config" : (type.split(".").at(-1) ?? "")),
    formatBytes(size),
    there ? path : "MISSING",
  ]);
  context.out(`${table(facts)}\n${table(rows, [1])}`);
  return EXIT.ok;
};
