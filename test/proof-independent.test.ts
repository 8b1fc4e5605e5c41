import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CrashpackBuilder } from "../src/crashpack/builder.ts";
import { nodeStoreWorld } from "../src/world/node/store-world.ts";
import { apr } from "./support/cli.ts";
import { needs } from "./support/needs.ts";
import { tempDir } from "./support/temp.ts";

/**
 * Another implementation of the two specifications, in another language and with another library of cryptography: the
 * envelope's bytes as DSSE says, the statement as in-toto says, the signature by openssl. Prints what it found.
 */
const CHECKER = `
import base64, hashlib, json, os, subprocess, sys, tempfile
folder, key = sys.argv[1:3]
envelope = json.load(open(os.path.join(folder, "proof.dsse.json")))
payload = base64.b64decode(envelope["payload"], validate=True)
kind = envelope["payloadType"].encode()
pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
with tempfile.TemporaryDirectory() as scratch:
    pae_path, sig_path = os.path.join(scratch, "pae"), os.path.join(scratch, "sig")
    open(pae_path, "wb").write(pae)
    good = []
    for signature in envelope["signatures"]:
        open(sig_path, "wb").write(base64.b64decode(signature["sig"], validate=True))
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin",
                               "-in", pae_path, "-sigfile", sig_path], capture_output=True)
        good.append(done.returncode == 0)
statement = json.loads(payload)
listed = {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}
there = {}
for at, _, names in os.walk(folder):
    for name in names:
        path = os.path.join(at, name)
        relative = os.path.relpath(path, folder)
        if relative != "proof.dsse.json":
            there[relative] = hashlib.sha256(open(path, "rb").read()).hexdigest()
print(json.dumps({"type": kind.decode(), "statement": statement["_type"], "signatures": good,
                  "same": listed == there, "files": len(there)}))
`;

function checked(folder: string, key: string): unknown {
  return JSON.parse(execFileSync("python3", ["-c", CHECKER, folder, key], { encoding: "utf8" }));
}

const SOUND = {
  type: "application/vnd.in-toto+json",
  statement: "https://in-toto.io/Statement/v1",
  ...{ signatures: [true], same: true },
};

test("Python and openssl verify what apr signed: a bundle and a crashpack", async (context) => {
  needs(context, "python3", "openssl");
  const dir = tempDir();
  const run = async (...args: readonly string[]): Promise<number | null> =>
    (await apr(["proof", ...args], { cwd: dir, env: { GIT_CEILING_DIRECTORIES: dir } })).code;
  expect(await run("keygen", "--out", "k")).toBe(0);
  expect(await run("run", "--out", "p", "--", "false")).toBe(1);
  await new CrashpackBuilder()
    .withArtifactPath("deep/ü.txt", "x")
    .build()
    .emitAtpTrace(nodeStoreWorld, join(dir, "c"));
  const key = join(dir, "k.pub");
  for (const [name, files] of [
    ["p", 5],
    ["c", 11],
  ] as const) {
    const folder = join(dir, name);
    expect(await run("sign", name, "--key", "k")).toBe(0);
    expect(checked(folder, key)).toEqual({ ...SOUND, files });
    // One other byte in what was signed, and the other side sees it too.
    const path = join(folder, "proof.dsse.json");
    const envelope = JSON.parse(readFileSync(path, "utf8")) as { payload: string };
    const payload = Buffer.from(envelope.payload, "base64").toString("utf8").replace("sha256", "sha257");
    writeFileSync(path, JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString("base64") }));
    expect(spawnSync("python3", ["-c", CHECKER, folder, key], { encoding: "utf8" }).stdout).not.toContain(
      '"signatures": [true]',
    );
    expect(await run("verify", name, "--key", "k.pub")).toBe(4);
  }
});

test("apr verifies what Python and openssl signed", async (context) => {
  needs(context, "python3", "openssl");
  const dir = tempDir();
  const run = async (...args: readonly string[]): Promise<number | null> =>
    (await apr(["proof", ...args], { cwd: dir, env: { GIT_CEILING_DIRECTORIES: dir } })).code;
  expect(await run("run", "--out", "p", "--", "true")).toBe(0);
  execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", "k"], { cwd: dir });
  execFileSync("openssl", ["pkey", "-in", "k", "-pubout", "-out", "k.pub"], { cwd: dir });
  expect(await run("sign", "p", "--key", "k")).toBe(0);
  // The same statement, signed anew by openssl over the bytes that Python put together.
  const path = join(dir, "p", "proof.dsse.json");
  const { payload, payloadType } = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
  const signer = `
import base64, sys
kind, payload = sys.argv[1].encode(), base64.b64decode(sys.argv[2])
sys.stdout.buffer.write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
`;
  writeFileSync(join(dir, "pae"), execFileSync("python3", ["-c", signer, payloadType ?? "", payload ?? ""]));
  execFileSync("openssl", ["pkeyutl", "-sign", "-inkey", "k", "-rawin", "-in", "pae", "-out", "sig"], {
    cwd: dir,
  });
  const sig = readFileSync(join(dir, "sig")).toString("base64");
  writeFileSync(path, JSON.stringify({ payloadType, payload, signatures: [{ sig }] }));
  expect(await run("verify", "p", "--key", "k.pub")).toBe(0);
});
