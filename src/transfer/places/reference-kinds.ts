import { AprError } from "../../base/errors.ts";
import type { Digest } from "../../store/digest.ts";
import type { Ref } from "../../store/ref.ts";

interface Common {
  /** For messages, traces and journals: never with a query, a user or a password. */
  readonly formatted: string;
  /** True when `formatted` cannot open it again, because what was left out may be a secret. */
  readonly secret: boolean;
  /** The tag that a pull from it gets; null when `--as` must say it. */
  readonly defaultTag: Ref | null;
}

export interface HubReference extends Common {
  readonly kind: "hugging-face";
  readonly organisation: string;
  readonly repository: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** A plain relative path. */
  readonly path: string;
}

export interface UrlReference extends Common {
  readonly kind: "url";
  /** With its query, without a fragment. */
  readonly url: URL;
  /** What the file must be; null when the REF does not say. */
  readonly digest: Digest | null;
  /** The file's name: one safe part. */
  readonly title: string;
}

export interface PathReference extends Common {
  readonly kind: "path";
  /** As it was written: absolute, or beginning with `.` or `..`. */
  readonly path: string;
}

export interface LayoutReference extends Common {
  readonly kind: "oci-layout";
  readonly path: string;
  /** The name of one of its images; null takes the only one. */
  readonly tag: string | null;
}

export interface StoreReference extends Common {
  readonly kind: "store";
  readonly path: string;
  /** Null gives blobs only: it can be a second source, and no model of its own. */
  readonly tag: Ref | null;
}

export interface OllamaReference extends Common {
  readonly kind: "ollama";
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
}

export interface RegistryReference extends Common {
  readonly kind: "registry";
  /** With its port, where one is told. */
  readonly host: string;
  readonly repository: string;
  readonly target:
    | { readonly kind: "tag"; readonly tag: string }
    | { readonly kind: "digest"; readonly digest: Digest };
}

/** What a REF on the command line names. */
export type Reference =
  | HubReference
  | UrlReference
  | PathReference
  | LayoutReference
  | StoreReference
  | OllamaReference
  | RegistryReference;

export interface ReferenceOptions {
  /** Allows plain HTTP to any host. */
  readonly plainHttp?: boolean;
}

const FORMS =
  "a REF is name[:tag], host/path/name[:tag], hf://org/repo/file, https://…, ./path, oci:PATH[:TAG] or store:PATH:TAG";

/** The error for every REF that is none. `why` may not hold a query, a user or a password. */
export function invalidRef(why: string, hint: string = FORMS): AprError {
  return new AprError("usage", why, { hint, fields: { code: "invalid-ref" } });
}

/** Longest text that is shown of a REF in an error. */
const MAX_SHOWN = 120;

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** A REF for an error message: what may be a secret in it is left out. */
export function shown(text: string): string {
  const cut = text.split(/[?#]/, 1)[0] ?? "";
  const clean = SCHEME.test(cut)
    ? cut.replace(/^([^/]*:\/\/)[^/]*@/, "$1…@")
    : cut.replace(/^[^/]*:[^/]*@(?!sha256:)/, "…@");
  return JSON.stringify(clean.slice(0, MAX_SHOWN)).replace(/[\u007f-\u009f\u2028\u2029]/g, "?");
}
