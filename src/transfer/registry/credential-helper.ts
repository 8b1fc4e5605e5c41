import { AprError } from "../../base/errors.ts";
import { isJsonObject, parseJson } from "../../base/json.ts";
import type { Child, Processes } from "../../world/processes.ts";
import type { World } from "../../world/world.ts";
import { ANONYMOUS, type Credentials } from "./credentials.ts";

export interface HelperWorld {
  readonly timers: World["timers"];
  readonly processes: Pick<Processes, "find" | "spawn" | "signal">;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A helper may ask a person to unlock a keychain. */
const HELPER_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 65_536;
const NAME = /^[A-Za-z0-9_.-]{1,100}$/;
/** The protocol has no other way to say so. */
const NOT_FOUND = "credentials not found in native keychain";
/** The user name that says: the secret is an identity token. */
const TOKEN_USER = "<token>";

/** Asks `docker-credential-<name>` for a host's credentials. Throws AprError; what the helper wrote stays out of it. */
export async function askHelper(
  world: HelperWorld,
  name: string,
  key: string,
  signal: AbortSignal,
  timeoutMs: number = HELPER_TIMEOUT_MS,
): Promise<Credentials> {
  if (!NAME.test(name)) throw helperError("a credential helper's name is not one", name, "bad-helper");
  const program = await world.processes.find(`docker-credential-${name}`, world.env["PATH"] ?? "");
  if (program === undefined) {
    throw helperError(`docker-credential-${name} is not installed`, name, "no-helper");
  }
  const child = await world.processes.spawn({
    argv: [program, "get"],
    cwd: "/",
    env: definedOnly(world.env),
    captureBytes: MAX_OUTPUT_BYTES,
    input: `${key}\n`,
  });
  const ended = await endOf(child, world, signal, timeoutMs);
  const { text, droppedBytes } = child.stdout();
  if (ended === null)
    throw helperError(`docker-credential-${name} did not answer in time`, name, "slow-helper");
  if (ended !== 0) {
    if (text.trim() === NOT_FOUND) return ANONYMOUS;
    throw helperError(`docker-credential-${name} failed`, name, "helper-failed");
  }
  const credentials = droppedBytes === 0 ? readSecret(text) : null;
  if (credentials === null) {
    throw helperError(`docker-credential-${name} gave an answer that cannot be read`, name, "bad-helper");
  }
  return credentials;
}

/** Its exit code; null when it had to be ended. Throws the signal's reason. */
async function endOf(
  child: Child,
  { timers, processes }: HelperWorld,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<number | null> {
  const stop = new AbortController();
  const wake = (): void => stop.abort();
  signal.addEventListener("abort", wake);
  if (signal.aborted) wake();
  let late = false;
  const watch = timers.sleep(timeoutMs, stop.signal).then(() => {
    late = !over;
    // Its whole group: a helper is often a script.
    if (!over) processes.signal(-child.pid, "SIGKILL");
  });
  let over = false;
  const status = await child.exited;
  over = true;
  wake();
  signal.removeEventListener("abort", wake);
  await watch;
  child.release();
  signal.throwIfAborted();
  return late ? null : (status.code ?? -1);
}

function readSecret(text: string): Credentials | null {
  try {
    const answer = parseJson(text);
    if (!isJsonObject(answer)) return null;
    const { Username: username, Secret: secret } = answer;
    if (typeof username !== "string" || typeof secret !== "string" || secret === "") return null;
    if (username === TOKEN_USER) return { kind: "identity", token: secret };
    return username === "" ? null : { kind: "basic", username, password: secret };
  } catch {
    return null;
  }
}

function helperError(message: string, name: string, code: string): AprError {
  const safe = NAME.test(name) ? name : "?";
  return new AprError("io", message, {
    hint: "log in again, or take the helper out of credHelpers or credsStore in Docker's config.json",
    fields: { code, helper: safe },
  });
}

function definedOnly(env: HelperWorld["env"]): Record<string, string> {
  const pairs = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(pairs);
}
