import { AprError } from "../base/errors.ts";
import { isSafeRef, parseRef, type Ref } from "../store/ref.ts";
import { pathTag } from "./places/path-tag.ts";
import { parseHub } from "./places/reference-hub.ts";
import { invalidRef, type Reference, type ReferenceOptions, shown } from "./places/reference-kinds.ts";
import { parseRegistry, parseShort } from "./places/reference-registry.ts";
import { parseUrl } from "./places/reference-url.ts";

export type { Reference, ReferenceOptions } from "./places/reference-kinds.ts";

/** Longer than any path or signed URL that works elsewhere. */
const MAX_REF = 8192;
/** What would change a terminal, or the order of what it shows. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/**
 * Reads a REF:
 *
 *     name[:tag]  namespace/name[:tag]  ollama://…     Ollama's registry
 *     host[:port]/path/name[:tag|@sha256:…]            an OCI registry
 *     hf://org/repo[@revision]/path/to/file            Hugging Face
 *     https://…[#sha256=<hex>]                         one file
 *     /path  ./path  ../path                           a file, a folder, an OCI layout or a store
 *     oci:PATH[:TAG]  store:PATH[:TAG]                 the same, with the name of a model in it
 *
 * A first part that is `localhost` or holds `.` or `:` is a host. PATH ends at its first `:`.
 * Throws AprError `usage` with code `invalid-ref`, or `secret-ref` for a URL whose query was not kept.
 */
export function parseReference(text: string, options: ReferenceOptions = {}): Reference {
  if (text === "") throw invalidRef("an empty REF");
  if (text.length > MAX_REF) throw invalidRef(`a REF of more than ${MAX_REF} characters`);
  if (UNPRINTABLE.test(text)) throw invalidRef("a REF with control characters");
  if (text.startsWith("/") || /^\.\.?(\/|$)/.test(text)) {
    return { kind: "path", path: text, formatted: text, secret: false, defaultTag: pathTag(text) };
  }
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/.exec(text) ?? [];
  if (scheme !== undefined) return parseScheme(scheme.toLowerCase(), rest, text, options);
  const [, place, path = "", tag] = /^(oci|store):([^:]*)(?::(.*))?$/.exec(text) ?? [];
  if (place !== undefined && (path.startsWith("/") || path.startsWith("."))) {
    return place === "oci" ? layout(path, tag, text) : otherStore(path, tag, text);
  }
  if (text.startsWith("~"))
    throw invalidRef(`~ is the shell's own: ${shown(text)}`, "write the whole path, or leave the quotes off");
  return parseRegistry(text);
}

function parseScheme(scheme: string, rest: string, text: string, options: ReferenceOptions): Reference {
  switch (scheme) {
    case "hf":
      return parseHub(rest);
    case "http":
    case "https":
      return parseUrl(text, options);
    case "ollama":
      return parseShort(rest, text);
    default:
      throw invalidRef(`unknown kind of REF: ${shown(`${scheme}://`)}`);
  }
}

/** The names that other tools take for images in a layout, and no more. */
const LAYOUT_TAG = /^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,254}$/;

function layout(path: string, tag: string | undefined, text: string): Reference {
  if (tag !== undefined && !LAYOUT_TAG.test(tag)) throw invalidRef(`not a tag: ${shown(text)}`);
  const named = tag === undefined ? pathTag(path) : refOrNull(tag);
  const fromPath = pathTag(path);
  // A layout often names its images by the tag alone: the folder is the model's name then.
  const onlyTag = tag !== undefined && !/[:/@]/.test(tag) && fromPath !== null ? { ...fromPath, tag } : named;
  const defaultTag = onlyTag !== null && isSafeRef(onlyTag) ? onlyTag : null;
  return { kind: "oci-layout", path, tag: tag ?? null, formatted: text, secret: false, defaultTag };
}

function otherStore(path: string, tag: string | undefined, text: string): Reference {
  const ref = tag === undefined ? null : refOrNull(tag);
  if (tag !== undefined && ref === null)
    throw invalidRef(`not a tag of a store: ${shown(text)}`, "store:PATH:TAG, the tag as apr ls shows it");
  return { kind: "store", path, tag: ref, formatted: text, secret: false, defaultTag: ref };
}

function refOrNull(tag: string): Ref | null {
  try {
    return parseRef(tag);
  } catch (error) {
    if (error instanceof AprError) return null;
    throw error;
  }
}
