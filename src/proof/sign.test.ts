import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { needs } from "../../test/support/needs.ts";
import { tempDir } from "../../test/support/temp.ts";
import { nodeSigning } from "../world/node/sign.ts";
import { nodeStoreWorld } from "../world/node/store-world.ts";
import { envelopeText, preAuthEncoding, readEnvelope } from "./dsse.ts";
import { ENVELOPE } from "./folder.ts";
import { type SignWorld, signFolder, verifyFolder } from "./sign.ts";

const world: SignWorld = { ...nodeStoreWorld, signing: nodeSigning };
const { privatePem, publicPem } = nodeSigning.generate();
const stranger = nodeSigning.generate();

/** A small signed folder. */
async function signed(): Promise<string> {
  const dir = tempDir();
  writeFileSync(join(dir, "a.json"), `{"a":1}\n`);
  writeFileSync(join(dir, "empty"), "");
  mkdirSync(join(dir, "sub"));
  writeFileSync(join(dir, "sub", "b.txt"), "two\n");
  expect(await signFolder(world, dir, privatePem)).toMatchObject({ files: 3 });
  return dir;
}

const faults = async (dir: string, pem = publicPem): Promise<unknown> => {
  const found = await verifyFolder(world, dir, pem);
  return found.kind === "sound" ? "sound" : found.faults.map(({ code, file }) => `${code} ${file}`);
};

test("a signed folder is verified, and signing is the same every time", async () => {
  const [one, two] = [await signed(), await signed()];
  expect(await faults(one)).toBe("sound");
  expect(readFileSync(join(one, ENVELOPE), "utf8")).toBe(readFileSync(join(two, ENVELOPE), "utf8"));
  await expect(signFolder(world, one, privatePem)).rejects.toMatchObject({ code: "exists", exitCode: 5 });
});

test("openssl accepts the signature, and we accept openssl's keys", async (context) => {
  needs(context, "openssl");
  const dir = await signed();
  const envelope = readEnvelope(readFileSync(join(dir, ENVELOPE), "utf8"));
  if (envelope === null) throw new Error("no envelope");
  const keys = tempDir();
  const at = (name: string): string => join(keys, name);
  writeFileSync(at("key.pub"), publicPem);
  writeFileSync(at("pae"), preAuthEncoding(envelope.payloadType, envelope.payload));
  writeFileSync(at("sig"), envelope.signatures[0]?.sig ?? "");
  const verify = [
    "pkeyutl",
    "-verify",
    "-pubin",
    "-inkey",
    at("key.pub"),
    "-rawin",
    "-in",
    at("pae"),
    "-sigfile",
    at("sig"),
  ];
  expect(execFileSync("openssl", verify, { encoding: "utf8" })).toContain("Verified Successfully");
  writeFileSync(at("pae"), "DSSEv1 0  0 ");
  expect(spawnSync("openssl", verify).status).not.toBe(0);

  execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", at("o")], { stdio: "ignore" });
  execFileSync("openssl", ["pkey", "-in", at("o"), "-pubout", "-out", at("o.pub")]);
  rmSync(join(dir, ENVELOPE));
  await signFolder(world, dir, readFileSync(at("o"), "utf8"));
  expect(await faults(dir, readFileSync(at("o.pub"), "utf8"))).toBe("sound");
});

test("a changed byte in any file is refused with the file named", async () => {
  const dir = await signed();
  for (const name of ["a.json", "sub/b.txt"]) {
    const path = join(dir, name);
    const bytes = readFileSync(path);
    for (const at of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      expect(await faults(dir)).toEqual([`wrong-digest ${name}`]);
    }
    writeFileSync(path, bytes);
  }
  expect(await faults(dir)).toBe("sound");
});

test("a changed byte of the envelope's payload, type or signature is refused", async () => {
  const dir = await signed();
  const path = join(dir, ENVELOPE);
  const text = readFileSync(path, "utf8");
  const found = new Set<string>();
  for (let at = 0; at < text.length - 1; at++) {
    const code = text.charCodeAt(at);
    writeFileSync(path, text.slice(0, at) + String.fromCharCode(code ^ 1) + text.slice(at + 1));
    found.add(JSON.stringify(await faults(dir)));
  }
  // Only the key's name may change: it is a hint and decides nothing.
  expect(found).toEqual(
    new Set(['"sound"', `["bad-envelope ${ENVELOPE}"]`, `["damaged-envelope ${ENVELOPE}"]`]),
  );
});

test("missing, further and strange files are named", async () => {
  const dir = await signed();
  writeFileSync(join(dir, "sub", "more"), "");
  rmSync(join(dir, "empty"));
  expect(await faults(dir)).toEqual(["missing-file empty", "extra-file sub/more"]);
  rmSync(join(dir, "a.json"));
  symlinkSync("sub/b.txt", join(dir, "a.json"));
  expect(await faults(dir)).toEqual(["strange-file a.json"]);
  rmSync(join(dir, ENVELOPE));
  await expect(signFolder(world, dir, privatePem)).rejects.toMatchObject({
    code: "strange-file",
    field: "a.json",
  });
});

test("another's key, half or kind of key is refused", async () => {
  const dir = await signed();
  expect(await faults(dir, stranger.publicPem)).toEqual([`wrong-key ${ENVELOPE}`]);
  for (const pem of [privatePem, "", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]) {
    await expect(verifyFolder(world, dir, pem)).rejects.toMatchObject({ code: "bad-key", exitCode: 4 });
  }
  rmSync(join(dir, ENVELOPE));
  await expect(signFolder(world, dir, publicPem)).rejects.toMatchObject({ code: "bad-key" });
  await expect(verifyFolder(world, dir, publicPem)).rejects.toMatchObject({ code: "not-found", exitCode: 3 });
  await expect(verifyFolder(world, join(dir, "no"), publicPem)).rejects.toMatchObject({ exitCode: 3 });
});

test("a signature of something else is no signature of a folder", async () => {
  const dir = await signed();
  const sign = (payloadType: string, value: unknown): void => {
    const payload = Buffer.from(JSON.stringify(value));
    const sig = nodeSigning.sign(privatePem, preAuthEncoding(payloadType, payload)) ?? new Uint8Array();
    writeFileSync(
      join(dir, ENVELOPE),
      envelopeText({ payloadType, payload, signatures: [{ keyid: null, sig }] }),
    );
  };
  const statement = JSON.parse(
    Buffer.from(readEnvelope(readFileSync(join(dir, ENVELOPE), "utf8"))?.payload ?? []).toString(),
  ) as { subject: unknown[] };
  const [first] = statement.subject;
  for (const value of [
    ...[
      null,
      {},
      { ...statement, _type: "x" },
      { ...statement, predicateType: "x" },
      { ...statement, subject: {} },
    ],
    { ...statement, subject: [first, first] },
    { ...statement, subject: [{ name: "a.json", digest: { md5: "x" } }] },
  ]) {
    sign("application/vnd.in-toto+json", value);
    expect(await faults(dir)).toEqual([`bad-envelope ${ENVELOPE}`]);
  }
  sign("application/json", statement);
  expect(await faults(dir)).toEqual([`bad-envelope ${ENVELOPE}`]);
  sign("application/vnd.in-toto+json", {
    ...statement,
    subject: [{ name: "../x", digest: { sha256: "a".repeat(64) } }],
  });
  expect(await faults(dir)).toContain("missing-file ../x");
});
