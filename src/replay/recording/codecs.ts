import { AprError, asAprError, type ErrorKind, systemCode } from "../../base/errors.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { FileFacts, FileKind, FolderEntry, SmallRead } from "../../world/files.ts";
import { NetError, type NetFailure, type NetHead } from "../../world/net.ts";
import { withoutQueries } from "./redact.ts";
import type { Codec } from "./wire.ts";

/** What a record cannot hold, or what is no record. */
export class BadRecord extends Error {
  override readonly name = "BadRecord";
}

/** For values that are plain JSON already: what comes back is checked by `is`. */
function plain<T extends Json>(is: (value: Json) => value is T): Codec<T> {
  return {
    encode: (value) => value,
    decode(json) {
      if (is(json)) return json;
      throw new BadRecord("a value of another kind");
    },
  };
}

export const aNumber: Codec<number> = plain((value): value is number => typeof value === "number");
export const aText: Codec<string> = plain((value): value is string => typeof value === "string");
export const aBoolean: Codec<boolean> = plain((value): value is boolean => typeof value === "boolean");
export const anyJson: Codec<Json> = plain((value): value is Json => value !== undefined);
export const nothing: Codec<void> = { encode: () => null, decode: () => undefined };
/** A thing of the world itself, such as an open file: only that it came is kept. */
export function handle<T>(): Codec<T | null> {
  return { encode: () => null, decode: () => null };
}

export function orNull<T>({ decode, encode }: Codec<T>): Codec<T | null> {
  return {
    encode: (value) => (value === null ? null : encode(value)),
    decode: (json) => (json === null ? null : decode(json)),
  };
}

export const bytes: Codec<Uint8Array> = {
  encode: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"),
  decode: (json) => new Uint8Array(Buffer.from(aText.decode(json), "base64")),
};

/** An object with these values, each by its own codec. */
export function object<T extends object>(fields: { readonly [K in keyof T]: Codec<T[K]> }): Codec<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  return {
    encode: (value) => Object.fromEntries(keys.map((key) => [key, fields[key].encode(value[key])])),
    decode(json) {
      const given: JsonObject = isJsonObject(json) ? json : {};
      return Object.fromEntries(keys.map((key) => [key, fields[key].decode(given[key] ?? null)])) as T;
    },
  };
}

const bigInt: Codec<bigint> = {
  encode: String,
  decode(json) {
    const text = aText.decode(json);
    if (/^-?\d{1,40}$/.test(text)) return BigInt(text);
    throw new BadRecord("a number that is none");
  },
};

export const facts: Codec<FileFacts> = object<FileFacts>({
  kind: aText as Codec<FileKind>,
  sizeBytes: aNumber,
  mode: aNumber,
  device: bigInt,
  inode: bigInt,
  links: aNumber,
  allocatedBytes: aNumber,
  uid: aNumber,
  modifiedNs: bigInt,
  changedNs: bigInt,
});

export const entries: Codec<FolderEntry[]> = list(
  object<FolderEntry>({ name: aText, kind: aText as Codec<FileKind> }),
);
export const texts: Codec<string[]> = list(aText);

export const someTexts: Codec<readonly string[]> = {
  encode: (value) => [...value],
  decode: (json) => texts.decode(json),
};

function list<T>({ decode, encode }: Codec<T>): Codec<T[]> {
  return {
    encode: (value) => value.map(encode),
    decode(json) {
      if (isJsonArray(json)) return json.map(decode);
      throw new BadRecord("a list that is none");
    },
  };
}

export const smallRead: Codec<SmallRead> = {
  encode(read) {
    if (read.kind !== "bytes") return { ...read };
    return { kind: read.kind, bytes: bytes.encode(read.bytes), facts: facts.encode(read.facts) };
  },
  decode(json) {
    const { kind = null, bytes: content = null, facts: told = null, why } = isJsonObject(json) ? json : {};
    if (kind === "absent") return { kind };
    if (kind === "refused" && (why === "link" || why === "too-large" || why === "not-a-file")) {
      return { kind, why };
    }
    if (kind !== "bytes") throw new BadRecord("a read that is none");
    return { kind, bytes: bytes.decode(content), facts: facts.decode(told) };
  },
};

/** Errors come back as what the engine looks at: their class, code and words. */
export const failure: Codec<unknown> = {
  encode(error) {
    if (error instanceof NetError) {
      const { failure: why, host, message } = error;
      return { class: "net", why, host, message: withoutQueries(message) };
    }
    // By its shape: bundles may have a class of their own each.
    if (error instanceof Error && error.name === "AprError") {
      const { fields, hint = null, kind, message } = asAprError(error);
      return { class: "apr", kind, message: withoutQueries(message), hint, fields: { ...fields } };
    }
    const message = withoutQueries(error instanceof Error ? error.message : String(error));
    const name = error instanceof Error ? error.name : "Error";
    return { class: "other", name, message, code: systemCode(error) ?? null };
  },
  decode(json) {
    const told = object<Record<"class" | "message", string>>({ class: aText, message: aText }).decode(json);
    const all = isJsonObject(json) ? json : {};
    if (told.class === "net") {
      return new NetError(all["why"] as NetFailure, aText.decode(all["host"] ?? null), told.message);
    }
    if (told.class === "apr") {
      const { fields, hint, kind } = all;
      return new AprError(kind as ErrorKind, told.message, {
        ...(typeof hint === "string" ? { hint } : {}),
        fields: (isJsonObject(fields ?? null) ? fields : {}) as Readonly<Record<string, string>>,
      });
    }
    const error = all["name"] === "RangeError" ? new RangeError(told.message) : new Error(told.message);
    return typeof all["code"] === "string" ? Object.assign(error, { code: all["code"] }) : error;
  },
};

export const netHead: Codec<NetHead> = {
  encode: ({ headers, status }) => ({ status, headers: { ...headers } }),
  decode(json) {
    const { headers = null, status = null } = isJsonObject(json) ? json : {};
    const given: JsonObject = isJsonObject(headers) ? headers : {};
    const pairs = Object.entries(given).map(([name, value]): [string, string] => [name, aText.decode(value)]);
    return { status: aNumber.decode(status), headers: Object.fromEntries(pairs) };
  },
};
