import { isAbsolute } from "node:path";
import { hubToken } from "../../transfer/places/hub-token.ts";
import { parseDockerConfig } from "../../transfer/registry/docker-config.ts";
import { credentialFiles } from "../../transfer/registry/docker-credentials.ts";
import type { World } from "../../world/world.ts";
import { type Check, check } from "./check.ts";

const MAX_FILE_BYTES = 1024 * 1024;

/** Where logins are kept, and whether they can be read. Their content goes nowhere. */
export async function checkCredentials(world: World, workingFolder: string): Promise<Check> {
  const files: string[] = [];
  const unreadable: string[] = [];
  for (const path of credentialFiles(world.env, world.host.uid)) {
    const real = await world.files.realPath(path).catch(() => null);
    if (real === null) continue;
    const read = await world.files.readSmall(real, MAX_FILE_BYTES).catch(() => null);
    if (read?.kind === "absent") continue;
    const good = read?.kind === "bytes" && parseDockerConfig(read.bytes) !== null;
    (good ? files : unreadable).push(path);
  }
  const home = world.env["HOME"] ?? "";
  const homeFolder = isAbsolute(home) ? home : "/";
  const hub = await hubToken({ files: world.files, env: world.env, homeFolder, workingFolder }).then(
    (token) => (token === null ? "no Hugging Face token" : "a Hugging Face token"),
    () => {
      unreadable.push("the Hugging Face token");
      return "a Hugging Face token that is none";
    },
  );
  const logins = files.length === 0 ? "no registry logins" : `registry logins in ${files.join(", ")}`;
  return check(
    "credentials",
    "APR-DOCTOR-CREDENTIALS",
    { unreadable },
    {
      finding: `${logins}; ${hub}`,
      fix: "docker login HOST, or huggingface-cli login, writes it anew",
    },
  );
}
