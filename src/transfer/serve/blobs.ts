import { systemCode } from "../../base/errors.ts";
import { findBlob } from "../../store/blobs.ts";
import type { Digest } from "../../store/digest.ts";
import { blobPath } from "../../store/layout.ts";
import type { OpenFile } from "../../world/files.ts";
import type { Incoming, NetHeaders, Outgoing } from "../../world/net.ts";
import { answerEmpty, answerJson, refuse } from "./answers.ts";
import { isKnown, rangeCounts, rangeOf } from "./range.ts";
import type { ServedName } from "./route.ts";
import type { Serving } from "./serving.ts";

/** What a digest names never changes. */
export function foreverHeaders({ config }: Serving): NetHeaders {
  const who = config.readTokens.length === 0 ? "public" : "private";
  return { "cache-control": `${who}, max-age=31536000, immutable` };
}

/** A blob or a part of it. The file stays open while it is sent, so that gc can do no harm. */
export async function answerBlob(
  serving: Serving,
  name: ServedName,
  digest: Digest,
  { method, headers }: Pick<Incoming, "method" | "headers">,
): Promise<Outgoing> {
  const refusal = await refuseUnnamed(serving, name, digest);
  if (refusal !== null) return refusal;
  const opened = await openBlob(serving, digest);
  if (opened === null) return blobUnknown();
  const file = serving.sending.count(opened);
  try {
    const answer = await answerFile(serving, file, digest, method, headers);
    if (answer.body?.kind !== "file") await file.close();
    return answer;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function answerFile(
  serving: Serving,
  file: OpenFile,
  digest: Digest,
  method: string,
  headers: NetHeaders,
): Promise<Outgoing> {
  const { sizeBytes } = await file.facts();
  const etag = `"${digest}"`;
  const common = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
    etag,
    ...foreverHeaders(serving),
  };
  if (isKnown(headers["if-none-match"], etag)) return answerEmpty(304, common);
  const counts = method === "GET" && rangeCounts(headers["if-range"], etag);
  const range = rangeOf(counts ? headers["range"] : undefined, sizeBytes);
  switch (range.kind) {
    case "whole":
      return { status: 200, headers: common, body: { kind: "file", file, offsetBytes: 0, sizeBytes } };
    case "part": {
      const { offsetBytes } = range;
      const contentRange = `bytes ${offsetBytes}-${offsetBytes + range.sizeBytes - 1}/${sizeBytes}`;
      const body = { kind: "file", file, offsetBytes, sizeBytes: range.sizeBytes } as const;
      return { status: 206, headers: { ...common, "content-range": contentRange }, body };
    }
    case "none":
      return refuse(416, "SIZE_INVALID", `the blob has ${sizeBytes} bytes`, {
        "content-range": `bytes */${sizeBytes}`,
      });
  }
}

/** Digests of a blob's parts, so that one bad chunk can be repaired alone. */
export async function answerParts(serving: Serving, name: ServedName, digest: Digest): Promise<Outgoing> {
  const refusal = await refuseUnnamed(serving, name, digest);
  if (refusal !== null) return refusal;
  const parts = await serving.parts.of(digest);
  switch (parts.kind) {
    case "ready":
      return answerJson({ part_bytes: parts.partBytes, sha256: parts.hex }, foreverHeaders(serving));
    case "later":
      return refuse(503, "UNKNOWN", "the parts are being hashed", { "retry-after": "1" });
    case "absent":
      return blobUnknown();
    case "damaged":
      return refuse(500, "UNKNOWN", "the blob is damaged: apr verify says more");
  }
}

/** A blob is seen only under a name that names it, or under which it was just pushed. */
async function refuseUnnamed(serving: Serving, name: ServedName, digest: Digest): Promise<Outgoing | null> {
  if (serving.hold.has(name.join("/"), digest)) return null;
  const found = await serving.names.find(name);
  if (found.kind !== "found") return nameUnknown(found.kind);
  return (await serving.tags.namesBlob(found.repository, digest)) ? null : blobUnknown();
}

async function openBlob({ store }: Serving, digest: Digest): Promise<OpenFile | null> {
  if ((await findBlob(store, digest)) === null) return null;
  try {
    return await store.world.files.openRead(blobPath(store.root, digest));
  } catch (error) {
    // Taken by a collector in between.
    if (systemCode(error) !== "ENOENT") throw error;
    return null;
  }
}

function blobUnknown(): Outgoing {
  return refuse(404, "BLOB_UNKNOWN", "no such blob under this name");
}

export function nameUnknown(why: "none" | "ambiguous"): Outgoing {
  const message =
    why === "none" ? "no such name" : "several hosts have this name: ask for host/namespace/name";
  return refuse(404, "NAME_UNKNOWN", message);
}
