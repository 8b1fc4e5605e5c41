import { systemCode } from "../../base/errors.ts";
import { type Incoming, NetError, type Outgoing } from "../../world/net.ts";
import { answerEmpty, refuse } from "./answers.ts";
import { contentRangeOf } from "./range.ts";
import type { Serving } from "./serving.ts";
import type { Upload } from "./uploads.ts";

/** Where an upload stands, as every answer about one tells. */
export function uploadAnswer(status: number, { name, id, receivedBytes }: Upload): Outgoing {
  return answerEmpty(status, {
    location: `/v2/${name}/blobs/uploads/${id}`,
    // Of an empty upload too: registries have always said so.
    range: `0-${Math.max(0, receivedBytes - 1)}`,
    "docker-upload-uuid": id,
  });
}

/** Adds a request's body to an upload. Null when all of it is there; else the answer that says why not. */
export async function append(
  { uploads }: Pick<Serving, "uploads">,
  upload: Upload,
  incoming: Incoming,
): Promise<Outgoing | null> {
  const range = contentRangeOf(incoming.headers["content-range"]);
  const isGap = range.kind === "at" && range.offsetBytes !== upload.receivedBytes;
  if (range.kind === "bad" || isGap) return uploadAnswer(416, upload);
  const length = lengthOf(incoming);
  if (range.kind === "at" && length !== null && length !== range.sizeBytes) return wrongLength();
  const declared = range.kind === "at" ? range.sizeBytes : length;
  const room = await uploads.room(upload);
  if ((declared ?? 0) > room.bytes) return noRoom(room.by);
  upload.claimedBytes = upload.receivedBytes + (declared ?? 0);
  try {
    const saved = await incoming.saveBody(upload.file, upload.receivedBytes, declared ?? room.bytes);
    if (declared !== null && saved !== declared) return wrongLength();
    upload.receivedBytes += saved;
    return null;
  } catch (error) {
    if (systemCode(error) === "ENOSPC" || systemCode(error) === "EDQUOT") return noRoom("disk");
    if (!(error instanceof NetError)) throw error;
    if (error.failure === "too-large") return declared === null ? noRoom(room.by) : wrongLength();
    await keepWhatCame(upload, declared ?? room.bytes);
    return refuse(400, "BLOB_UPLOAD_INVALID", "the body ended early");
  }
}

/** The other side asks where the upload stands, and goes on there. The digest decides about every byte in the end. */
async function keepWhatCame(upload: Upload, maxBytes: number): Promise<void> {
  const { sizeBytes } = await upload.file.facts();
  const most = upload.receivedBytes + maxBytes;
  upload.receivedBytes = Math.min(Math.max(sizeBytes, upload.receivedBytes), most);
}

function lengthOf({ headers }: Incoming): number | null {
  const text = headers["content-length"];
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

function wrongLength(): Outgoing {
  return refuse(400, "SIZE_INVALID", "the body is not as long as its head says");
}

function noRoom(by: "limit" | "disk"): Outgoing {
  return by === "disk"
    ? refuse(507, "DENIED", "not enough disk space")
    : refuse(413, "SIZE_INVALID", "more than this server takes");
}
