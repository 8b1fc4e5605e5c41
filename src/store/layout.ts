import { type Digest, hexOf } from "./digest.ts";
import type { Ref } from "./ref.ts";

// Where everything lies in a store. Ollama's classic layout, and three folders of apr's own:
//
//   blobs/sha256-<hex>                           content, named by its digest; whole and checked, always
//   manifests/<host>/<namespace>/<name>/<tag>    one tag: the manifest itself
//   manifests-v2/…                               newer Ollama: links to manifests that are blobs; only read
//   ingest/<work>/                               one piece of work: its lease and what is not finished
//   transfers/<transfer>/                        an unfinished pull or push: its journal and parts, to go on from
//   quarantine/sha256-<hex>.<collector>          on its way out: see gc.ts

export const FOLDERS = ["manifests", "blobs", "ingest", "quarantine", "transfers"] as const;
export const MANIFESTS_V2 = "manifests-v2";

/** Blobs are never written again. */
export const BLOB_MODE = 0o444;
export const MANIFEST_MODE = 0o644;

export function manifestsFolder(root: string): string {
  return `${root}/manifests`;
}

export function manifestPath(root: string, { host, namespace, name, tag }: Ref): string {
  return `${root}/manifests/${host}/${namespace}/${name}/${tag}`;
}

export function manifestV2Path(root: string, { host, namespace, name, tag }: Ref): string {
  return `${root}/${MANIFESTS_V2}/${host}/${namespace}/${name}/${tag}`;
}

export function blobsFolder(root: string): string {
  return `${root}/blobs`;
}

export function blobName(digest: Digest): string {
  return `sha256-${hexOf(digest)}`;
}

export function blobPath(root: string, digest: Digest): string {
  return `${root}/blobs/${blobName(digest)}`;
}

export function ingestFolder(root: string): string {
  return `${root}/ingest`;
}

export function transfersFolder(root: string): string {
  return `${root}/transfers`;
}

export function quarantineFolder(root: string): string {
  return `${root}/quarantine`;
}

/** What dead work is called in quarantine: its own name, between these. */
export function quarantinedWork(root: string, name: string, collector: string): string {
  return `${root}/quarantine/work-${name}.${collector}`;
}

/** The name that work had in `ingest/`, from its name in quarantine. */
export function workNameOf(name: string): string {
  return name.slice("work-".length, name.lastIndexOf("."));
}

/** The folder that holds a path. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
