import { AprError } from "../../base/errors.ts";
import { isJsonArray, isJsonObject, parseJson } from "../../base/json.ts";
import type { NetAnswer } from "../../world/net.ts";
import type { RegistryApi } from "../registry/api.ts";

/** An answer that ends the push: what was asked, what came, what to do. */
export function refusal(api: RegistryApi, what: string, answer: NetAnswer): AprError {
  const { status } = answer;
  const word = errorWord(answer);
  const said = word === null ? `${status}` : `${status} ${word}`;
  const where = api.name;
  const host = hostOf(api);
  const fields = { host, status, ...(word === null ? {} : { registryCode: word }) };
  if (status === 401 || status === 403) {
    return new AprError("network", `${where}: not allowed to ${what} (${said})`, {
      hint: `docker login ${host}, with an account that may write to this repository`,
      fields: { ...fields, code: "auth" },
    });
  }
  if (status === 404) {
    return new AprError("not-found", `${where}: cannot ${what}: no such repository (${said})`, {
      hint: "some registries want the repository, or its project, to be made first",
      fields: { ...fields, code: "repository-not-found" },
    });
  }
  if (status === 405) {
    return new AprError("network", `${where}: cannot ${what}: the registry only reads (${said})`, {
      hint: "apr serve takes pushes with --write",
      fields: { ...fields, code: "read-only" },
    });
  }
  if (status === 413) {
    return new AprError("network", `${where}: cannot ${what}: too large for it (${said})`, {
      hint: "a proxy before the registry limits what one request may send; its administrator can raise that",
      fields: { ...fields, code: "too-large" },
    });
  }
  const hint = status === 429 || status >= 500 ? "try again later: what was sent is kept" : undefined;
  return new AprError("network", `${where}: cannot ${what}: it answered ${said}`, {
    ...(hint === undefined ? {} : { hint }),
    fields: { ...fields, code: "status" },
  });
}

export function hostOf(api: RegistryApi): string {
  return api.url("/v2/").host;
}

/** The registry's own code, such as `DENIED`. Its prose is left out: it may hold anything. */
export function errorWord({ body }: NetAnswer): string | null {
  try {
    const root = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(body));
    const errors = isJsonObject(root) ? root["errors"] : undefined;
    const first = isJsonArray(errors) ? errors[0] : undefined;
    const code = isJsonObject(first) ? first["code"] : undefined;
    return typeof code === "string" && /^[A-Z][A-Z_]{0,40}$/.test(code) ? code : null;
  } catch {
    return null;
  }
}

/** The registry says that it holds other bytes than those that were meant. */
export function digestMismatch(api: RegistryApi, expected: string, actual: string): AprError {
  const said = /^[a-z0-9+._-]{1,20}:[0-9a-f]{1,128}$/.test(actual) ? actual : "no digest at all";
  return new AprError("network", `${hostOf(api)} says that it holds ${said} instead of ${expected}`, {
    hint: "something between here and the registry changes what passes through it",
    fields: { code: "digest-mismatch", host: hostOf(api), expected, actual: said },
  });
}
