import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeProcesses } from "../../world/node/processes.ts";
import { nodeTimers } from "../../world/node/time.ts";
import { tempDir } from "../../../test/support/temp.ts";
import { askHelper } from "./credential-helper.ts";
import { dockerCredentials, type DockerWorld } from "./docker-credentials.ts";

const { signal } = new AbortController();

/** A home with that config, and a helper `docker-credential-test` of that script. */
function home(config: string, helper = "exit 1"): DockerWorld {
  const folder = tempDir();
  mkdirSync(`${folder}/.docker`);
  writeFileSync(`${folder}/.docker/config.json`, config);
  mkdirSync(`${folder}/bin`);
  writeFileSync(`${folder}/bin/docker-credential-test`, `#!/bin/sh\n${helper}\n`);
  chmodSync(`${folder}/bin/docker-credential-test`, 0o755);
  const env = { HOME: folder, PATH: `${folder}/bin:/usr/bin:/bin` };
  return { files: nodeFiles, timers: nodeTimers, processes: nodeProcesses, env, uid: -1 };
}

const HELPED = '{"credsStore":"test"}';
const says = (answer: string): string => `read -r host; [ "$1" = get ] && printf '${answer}' "$host"`;

test("a helper is asked with the host on its input", async () => {
  const world = home(HELPED, says('{"ServerURL":"%s","Username":"u","Secret":"s3"}'));
  expect(await dockerCredentials(world)("h.test:5000", signal)).toEqual({
    kind: "basic",
    username: "u",
    password: "s3",
  });
  const echo = home(HELPED, says('{"Username":"u","Secret":"%s"}'));
  expect(await dockerCredentials(echo)("h.test:5000", signal)).toMatchObject({ password: "h.test:5000" });
  const token = home(HELPED, says('{"Username":"<token>","Secret":"idt"}'));
  expect(await dockerCredentials(token)("h.test", signal)).toEqual({ kind: "identity", token: "idt" });
});

test("one that knows nothing leaves the host anonymous", async () => {
  const world = home(HELPED, "echo credentials not found in native keychain; exit 1");
  expect(await dockerCredentials(world)("h.test", signal)).toEqual({ kind: "anonymous" });
});

test.each([
  ["it fails", "echo hush >&2; echo hush; exit 1", "helper-failed"],
  ["it is ended", "kill -9 $$", "helper-failed"],
  ["no JSON", "echo hush", "bad-helper"],
  ["no secret", says('{"Username":"hush"}'), "bad-helper"],
  ["too much", "head -c 200000 /dev/zero", "bad-helper"],
])("%s: an error without what it said", async (_name, script, code) => {
  const asked = dockerCredentials(home(HELPED, script))("h.test", signal);
  await expect(asked).rejects.toMatchObject({ name: "AprError", fields: { code } });
  await expect(asked).rejects.not.toThrow(/hush/);
});

test("one that hangs is ended with all that it started", async () => {
  const folder = tempDir();
  const world = home(HELPED, `sleep 1000 & echo $! >${folder}/pid; wait`);
  await expect(askHelper(world, "test", "h.test", signal, 300)).rejects.toMatchObject({
    fields: { code: "slow-helper" },
  });
  const pid = Number(new TextDecoder().decode(await nodeFiles.readBounded(`${folder}/pid`, 20)));
  for (let tries = 0; nodeProcesses.isAlive(pid) && tries < 100; tries++) await nodeTimers.sleep(10);
  expect(nodeProcesses.isAlive(pid)).toBe(false);
});

test("an abort ends it too, with the signal's reason", async () => {
  const stop = new AbortController();
  const asked = askHelper(home(HELPED, "sleep 1000"), "test", "h.test", stop.signal);
  stop.abort(new Error("enough"));
  await expect(asked).rejects.toThrow("enough");
});

test("a helper that is missing, or whose name is a path, is named as such", async () => {
  const missing = dockerCredentials(home('{"credsStore":"nosuch"}'))("h.test", signal);
  await expect(missing).rejects.toMatchObject({ fields: { code: "no-helper" } });
  const path = dockerCredentials(home('{"credsStore":"../../bin/sh"}'))("h.test", signal);
  await expect(path).rejects.toMatchObject({ fields: { code: "bad-helper", helper: "?" } });
});

test("a file that is a link is read; a broken one is named without its text", async () => {
  const world = home('{"auths": hush');
  await expect(dockerCredentials(world)("h.test", signal)).rejects.toMatchObject({
    kind: "malformed",
    fields: { code: "bad-credentials-file" },
  });
  await expect(dockerCredentials(world)("h.test", signal)).rejects.not.toThrow(/hush/);
  const other = tempDir();
  const auth = Buffer.from("u:p").toString("base64");
  writeFileSync(`${other}/real.json`, JSON.stringify({ auths: { "h.test": { auth } } }));
  symlinkSync(`${other}/real.json`, `${other}/config.json`);
  const linked = { ...world, env: { DOCKER_CONFIG: other } };
  expect(await dockerCredentials(linked)("h.test", signal)).toMatchObject({ username: "u", password: "p" });
  const none = { ...world, env: { DOCKER_CONFIG: `${other}/none` } };
  expect(await dockerCredentials(none)("h.test", signal)).toEqual({ kind: "anonymous" });
});
