import type { NetRequest } from "../world/net.ts";
import { copied, type Run } from "./data.ts";
import { runsOf } from "./known-runs.ts";
import { SimOpenFile } from "./open-file.ts";

type Body = NonNullable<NetRequest["body"]>;

/** In bytes. */
export function bodySize(body: Body): number {
  return body.kind === "bytes" ? body.bytes.length : body.sizeBytes;
}

/** As it is when it is sent. */
export function bodyRuns(body: Body): readonly Run[] {
  if (body.kind === "bytes") return runsOf(copied(body.bytes));
  if (!(body.file instanceof SimOpenFile)) throw new TypeError("not a file of this disk");
  body.onBytes?.(body.sizeBytes);
  return body.file.inode.content.read(body.offsetBytes, body.sizeBytes);
}

/** Host and port of a URL. */
export function hostOf(url: string): string {
  const from = url.indexOf("//") + 2;
  const slash = url.indexOf("/", from);
  const query = url.indexOf("?", from);
  const end = slash === -1 ? (query === -1 ? url.length : query) : slash;
  return url.slice(from, end);
}
