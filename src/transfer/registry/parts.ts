import { isJsonArray, isJsonObject, type Json, parseJson } from "../../base/json.ts";
import { utf8 } from "../../store/manifest.ts";
import type { PartDigests } from "../../world/hash.ts";

/** `apr serve` says with this header that it has digests of a blob's parts. */
export const PARTS_HEADER = "apr-parts";
/** 8192 parts of 16 MiB make 128 GiB. */
export const MAX_PARTS = 8192;
/** 67 bytes a digest, and some room. */
export const MAX_PARTS_BYTES: number = 1024 * 1024;
/** A part is held in memory by nobody, but its number is multiplied. */
const MAX_PART_BYTES: number = 2 ** 40;

const HEX = /^[0-9a-f]{64}$/;

/** Reads `{"part_bytes": n, "sha256": ["<hex>", …]}`; null for anything else, or when it does not fit the blob's size. */
export function readParts(body: Uint8Array, sizeBytes: number | null): PartDigests | null {
  const root = parsed(body);
  if (!isJsonObject(root)) return null;
  const { part_bytes: partBytes, sha256: list } = root;
  if (typeof partBytes !== "number" || !Number.isSafeInteger(partBytes)) return null;
  if (partBytes < 1 || partBytes > MAX_PART_BYTES) return null;
  if (!isJsonArray(list) || list.length > MAX_PARTS) return null;
  const hex = list.filter((item): item is string => typeof item === "string" && HEX.test(item));
  if (hex.length !== list.length || hex.length === 0) return null;
  if (sizeBytes !== null && Math.ceil(sizeBytes / partBytes) !== hex.length) return null;
  return { partBytes, hex };
}

function parsed(body: Uint8Array): Json {
  try {
    return parseJson(utf8(body));
  } catch {
    return null;
  }
}
