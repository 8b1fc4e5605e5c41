import { isJsonObject, type Json, type JsonObject, parseJson } from "../../base/json.ts";
import { utf8 } from "../../store/manifest.ts";
import type { Credentials } from "./credentials.ts";
import { isHub } from "./host.ts";
import { isToken } from "../http/authorizers.ts";

/** What Docker's file says of one host. */
export type ConfigEntry =
  | { readonly kind: "credentials"; readonly credentials: Credentials }
  /** A program keeps them: `docker-credential-<name>`, asked for `key`. */
  | { readonly kind: "helper"; readonly name: string; readonly key: string }
  | { readonly kind: "none" };

/** What a credential can be: it goes into a header. */
const MAX_SECRET_CHARS = 65_536;

/** Reads Docker's or Podman's file; null when it is not one. Its text is never part of an error. */
export function parseDockerConfig(bytes: Uint8Array): JsonObject | null {
  try {
    const value = parseJson(utf8(bytes));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Finds a host in it: its own helper first, then what stands in the file, then the helper for all. */
export function configEntry(config: JsonObject, host: string): ConfigEntry {
  const keys = hostKeys(host);
  const helpers = objectAt(config["credHelpers"]);
  const helperKey = Object.keys(helpers).find((key) => keys.has(normalKey(key)));
  const own = helperKey === undefined ? undefined : helpers[helperKey];
  const key = isHub(host) ? HUB_KEY : host;
  if (typeof own === "string" && own !== "") return { kind: "helper", name: own, key };
  const auths = objectAt(config["auths"]);
  for (const name of Object.keys(auths)) {
    if (!keys.has(normalKey(name))) continue;
    const credentials = readAuth(objectAt(auths[name]));
    if (credentials !== null) return { kind: "credentials", credentials };
  }
  const store = config["credsStore"];
  return typeof store === "string" && store !== "" ? { kind: "helper", name: store, key } : { kind: "none" };
}

/** Under this name `docker login` keeps the hub's. */
const HUB_KEY = "https://index.docker.io/v1/";

function hostKeys(host: string): ReadonlySet<string> {
  const name = host.toLowerCase();
  return new Set(isHub(name) ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [name]);
}

/** `https://HOST/v1/`, `http://HOST` and `HOST/` all mean HOST. A key with a repository in it is for that alone. */
function normalKey(key: string): string {
  return key
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/(?:v1|v2)?\/?$/, "");
}

function readAuth(entry: JsonObject): Credentials | null {
  const identity = textAt(entry["identitytoken"]);
  if (identity !== null) return { kind: "identity", token: identity };
  const bearer = textAt(entry["registrytoken"]);
  if (bearer !== null && isToken(bearer)) return { kind: "bearer", token: bearer };
  const packed = textAt(entry["auth"]);
  if (packed !== null) return readPacked(packed);
  const [username, password] = [textAt(entry["username"]), textAt(entry["password"])];
  return username === null || password === null ? null : { kind: "basic", username, password };
}

/** base64 of `user:password`; a password may hold colons. */
function readPacked(packed: string): Credentials | null {
  const text = Buffer.from(packed, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = text.indexOf(":");
  if (colon < 1) return null;
  return { kind: "basic", username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function objectAt(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textAt(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" && value.length <= MAX_SECRET_CHARS ? value : null;
}
