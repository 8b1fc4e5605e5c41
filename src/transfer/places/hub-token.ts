import { resolve } from "node:path";
import { AprError, systemCode } from "../../base/errors.ts";
import type { Files } from "../../world/files.ts";

export interface TokenWorld {
  readonly files: Pick<Files, "realPath" | "readSmall">;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly workingFolder: string;
}

/** A token is under 100 characters. */
const MAX_TOKEN_BYTES = 4096;
const TOKEN = /^[\x21-\x7e]+$/;
const ON: ReadonlySet<string> = new Set(["1", "ON", "YES", "TRUE"]);

/**
 * The person's token for Hugging Face, from where its own tools keep it; null for none.
 * Throws AprError `usage` for one that can be none, without showing it.
 */
export async function hubToken(world: TokenWorld): Promise<string | null> {
  const { env } = world;
  if (ON.has((env["HF_HUB_DISABLE_IMPLICIT_TOKEN"] ?? "").toUpperCase())) return null;
  for (const name of ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]) {
    const told = (env[name] ?? "").trim();
    if (told !== "") return checked(told, name);
  }
  const path = tokenPath(world);
  const told = (await readToken(world, path)).trim();
  return told === "" ? null : checked(told, path);
}

function tokenPath({ env, homeFolder, workingFolder }: TokenWorld): string {
  const under = (folder: string, name: string): string =>
    resolve(workingFolder, folder.replace(/^~(?=\/|$)/, homeFolder), name);
  const { HF_TOKEN_PATH: own = "", HF_HOME: home = "", XDG_CACHE_HOME: cache = "" } = env;
  if (own !== "") return under(own, "");
  if (home !== "") return under(home, "token");
  return under(cache === "" ? `${homeFolder}/.cache` : cache, "huggingface/token");
}

/** Empty where there is no such file. A link is followed: people keep such files elsewhere. */
async function readToken({ files }: TokenWorld, path: string): Promise<string> {
  const real = await files.realPath(path).catch((error: unknown) => {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  });
  if (real === null) return "";
  const read = await files.readSmall(real, MAX_TOKEN_BYTES);
  if (read.kind === "bytes") return new TextDecoder("latin1").decode(read.bytes);
  return read.kind === "absent" ? "" : "\0";
}

function checked(token: string, where: string): string {
  if (token.length <= MAX_TOKEN_BYTES && TOKEN.test(token)) return token;
  throw new AprError("usage", `what ${where} holds cannot be a token`, {
    hint: "a token is one line of plain ASCII, such as hf_…; HF_HUB_DISABLE_IMPLICIT_TOKEN=1 goes without",
    fields: { code: "invalid-token" },
  });
}
