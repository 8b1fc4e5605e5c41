import { findBlob } from "../../store/blobs.ts";
import { type Digest, isDigest } from "../../store/digest.ts";
import type { Incoming, Outgoing } from "../../world/net.ts";
import { answerEmpty, refuse } from "./answers.ts";
import { routeOf, type ServedName } from "./route.ts";
import type { Serving } from "./serving.ts";
import { append, uploadAnswer } from "./upload-body.ts";
import type { Upload } from "./uploads.ts";

/** POST: a blob that the store has already, one that comes with this request, or an upload in steps. */
export async function startUpload(
  serving: Serving,
  name: ServedName,
  query: URLSearchParams,
  incoming: Incoming,
): Promise<Outgoing> {
  const [mount, from, digest] = [query.get("mount"), query.get("from"), query.get("digest")];
  if (digest !== null && !isDigest(digest)) return badDigest();
  if (isDigest(mount) && from !== null && (await mountBlob(serving, name, mount, from))) {
    return created(name, mount);
  }
  const upload = await serving.uploads.start(name.join("/"));
  if (upload === null) {
    return refuse(429, "TOOMANYREQUESTS", "too many unfinished uploads", { "retry-after": "5" });
  }
  if (digest === null) return uploadAnswer(202, upload);
  try {
    return await finishWith(serving, upload, digest, incoming);
  } finally {
    await serving.uploads.drop(upload);
  }
}

/** Everything that is done to an upload after its beginning. */
export async function continueUpload(
  serving: Serving,
  route: { readonly name: ServedName; readonly id: string },
  query: URLSearchParams,
  incoming: Incoming,
): Promise<Outgoing> {
  const { uploads } = serving;
  const upload = uploads.get(route.name.join("/"), route.id);
  if (upload === null) return refuse(404, "BLOB_UPLOAD_UNKNOWN", "no such upload, or it was dropped");
  switch (incoming.method) {
    case "PATCH":
      return (await uploads.use(upload, () => patch(serving, upload, incoming))) ?? busy();
    case "PUT": {
      const digest = query.get("digest");
      if (!isDigest(digest)) return badDigest();
      return finishWith(serving, upload, digest, incoming);
    }
    case "DELETE":
      if (upload.running !== null) return busy();
      await uploads.drop(upload);
      return answerEmpty(204);
    default:
      return uploadAnswer(204, upload);
  }
}

async function patch(serving: Serving, upload: Upload, incoming: Incoming): Promise<Outgoing> {
  return (await append(serving, upload, incoming)) ?? uploadAnswer(202, upload);
}

async function finishWith(
  serving: Serving,
  upload: Upload,
  digest: Digest,
  incoming: Incoming,
): Promise<Outgoing> {
  const { uploads } = serving;
  const outcome = await uploads.use(upload, async () => {
    const refusal = await append(serving, upload, incoming);
    return refusal ?? uploads.finish(upload, digest);
  });
  if (outcome === null) return busy();
  if (outcome === "wrong-digest") return refuse(400, "DIGEST_INVALID", "the bytes have another digest");
  return outcome === "placed" ? created(upload.name.split("/"), digest) : outcome;
}

/** Under a name that the other side may read, and there: then not a byte is sent. */
async function mountBlob(serving: Serving, name: ServedName, digest: Digest, from: string): Promise<boolean> {
  const routed = routeOf(`/v2/${from}/blobs/${digest}`);
  if (routed.kind !== "route" || routed.route.kind !== "blob" || serving.hold.isFull) return false;
  const source = routed.route.name;
  if (!serving.hold.has(source.join("/"), digest)) {
    const found = await serving.names.find(source);
    if (found.kind !== "found" || !(await serving.tags.namesBlob(found.repository, digest))) return false;
  }
  await serving.hold.add(name.join("/"), [digest]);
  if ((await findBlob(serving.store, digest)) !== null) return true;
  await serving.hold.settle(name.join("/"), [digest]);
  return false;
}

function created(name: ServedName, digest: Digest): Outgoing {
  return answerEmpty(201, {
    location: `/v2/${name.join("/")}/blobs/${digest}`,
    "docker-content-digest": digest,
  });
}

function busy(): Outgoing {
  return refuse(409, "BLOB_UPLOAD_INVALID", "another request goes on with this upload");
}

function badDigest(): Outgoing {
  return refuse(400, "DIGEST_INVALID", "a digest is sha256: and 64 lower-case hex digits");
}
