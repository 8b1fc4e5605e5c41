import { AprError } from "../../base/errors.ts";
import type { Ref } from "../../store/ref.ts";
import { findModel } from "../../store/sources.ts";
import type { Remote, RemoteFile, Wanted } from "../remote.ts";
import type { BlobSource } from "../source.ts";
import type { TransferWorld } from "../world.ts";
import { localBlob } from "./local-blob.ts";
import { isPlainPart } from "./reference-hub.ts";
import { shared } from "./shared.ts";

export interface LocalPlace {
  readonly world: TransferWorld;
  /** Absolute. It may lead through links: the person named it. */
  readonly path: string;
  /** For messages, traces and journals. */
  readonly name: string;
  readonly tag: Ref | null;
}

interface LocalFile {
  readonly title: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** With every link resolved. */
  readonly path: string;
}

/** So small a file is too easily another one of the same size. */
const MIN_MATCH_BYTES: number = 1024 * 1024;

/** A model's file, all shards of one, or its folder. */
export function filesRemote(place: LocalPlace): Remote {
  const look = shared(() => filesOf(place));
  return {
    name: place.name,
    tag: place.tag,
    async resolve(signal) {
      const found = await look(signal);
      return { kind: "files", files: found.map(asRemoteFile) };
    },
    async blob(wanted, signal) {
      const match = bestMatch(await look(signal), wanted);
      return match === null ? null : sourceOf(place, match);
    },
  };
}

function sourceOf({ world, name }: LocalPlace, { path }: LocalFile): BlobSource {
  return localBlob({ files: world.files, path, name });
}

function asRemoteFile({ title, mediaType, sizeBytes, path }: LocalFile): RemoteFile {
  return { title, mediaType, sizeBytes, digest: null, identity: `file:${path}` };
}

async function filesOf({ world, path }: LocalPlace): Promise<readonly LocalFile[]> {
  const { parts } = await findModel(world, path);
  const found: LocalFile[] = [];
  for (const { path: at, title, mediaType } of parts) {
    if (!title.split("/").every(isPlainPart)) {
      throw new AprError("malformed", `a file's name cannot be kept: ${JSON.stringify(title)}`, {
        hint: "rename it: no control characters and no \\",
        fields: { code: "unsafe-name" },
      });
    }
    const real = await world.files.realPath(at);
    const facts = await world.files.facts(real);
    if (facts?.kind !== "file") {
      throw new AprError("malformed", `not a regular file: ${at}`, { fields: { path: at } });
    }
    found.push({ title, mediaType, sizeBytes: facts.sizeBytes, path: real });
  }
  return found;
}

/** By name and size; else the only file that is as large. What it holds is checked when it has come. */
function bestMatch(files: readonly LocalFile[], { title, sizeBytes }: Wanted): LocalFile | null {
  const fits = (file: LocalFile): boolean => sizeBytes === null || file.sizeBytes === sizeBytes;
  const named = title === null ? undefined : files.find((file) => file.title === title && fits(file));
  if (named !== undefined) return named;
  if (sizeBytes === null || sizeBytes < MIN_MATCH_BYTES) return null;
  const alike = files.filter(fits);
  return alike.length === 1 ? (alike[0] ?? null) : null;
}
