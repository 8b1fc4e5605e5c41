import { AprError } from "../base/errors.ts";
import { isStrictTag } from "../contracts/tag-grammar.ts";

/** Where a tag's manifest lies: `manifests/<host>/<namespace>/<name>/<tag>`. */
export interface Ref {
  readonly host: string;
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
}

/** Where Ollama keeps names without a host or namespace. */
export const LOCAL = { host: "registry.ollama.ai", namespace: "library" } as const;

const PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
/** As a part, with a port. */
const HOST = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}(:[0-9]{1,5})?$/;

/** Reads `name`, `name:tag` or `host/namespace/name:tag`; the tag is `latest` when left out. Throws `usage`. */
export function parseRef(text: string): Ref {
  const parts = text.split("/");
  const last = parts.at(-1) ?? "";
  if ((parts.length !== 1 && parts.length !== 3) || !isStrictTag(last)) throw invalidTag(text);
  const [name = "", tag = "latest"] = last.split(":");
  const ref: Ref =
    parts.length === 1
      ? { ...LOCAL, name, tag }
      : { host: parts[0] ?? "", namespace: parts[1] ?? "", name, tag };
  if (!isSafeRef(ref)) throw invalidTag(text);
  return ref;
}

/** True when every part can be a name in a folder. Names found on disk are checked by it too. */
export function isSafeRef({ host, namespace, name, tag }: Ref): boolean {
  return HOST.test(host) && PART.test(namespace) && PART.test(name) && PART.test(tag);
}

/** The short form for local names, the full one for all others. `parseRef` reads both. */
export function formatRef({ host, namespace, name, tag }: Ref): string {
  const short = `${name}:${tag}`;
  return host === LOCAL.host && namespace === LOCAL.namespace ? short : `${host}/${namespace}/${short}`;
}

/** A name made of any text, such as a file's: what the grammar does not allow becomes `-`. */
export function nameFrom(text: string): string {
  const clean = text.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+|[-.]+$/g, "");
  return clean === "" ? "model" : clean.slice(0, 80);
}

function invalidTag(tag: string): AprError {
  return new AprError("usage", `invalid tag: ${JSON.stringify(tag)}`, {
    hint: "name, name:tag or host/namespace/name:tag; each part 1 to 80 letters, digits, . _ -",
    fields: { code: "invalid-tag", tag },
  });
}
