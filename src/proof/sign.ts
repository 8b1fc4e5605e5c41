import { join } from "node:path";
import type { Signing } from "../world/sign.ts";
import type { World } from "../world/world.ts";
import { type Envelope, envelopeText, IN_TOTO, preAuthEncoding, readEnvelope } from "./dsse.ts";
import { AgentProofError } from "./errors.ts";
import { ENVELOPE, folderSubjects } from "./folder.ts";
import { MAX_ENVELOPE_BYTES } from "./limits.ts";
import { readStatement, type Subject, statementBytes } from "./statement.ts";

export interface SignWorld extends Pick<World, "files" | "hash"> {
  readonly signing: Signing;
}

export interface Signed {
  readonly path: string;
  readonly keyId: string;
  readonly files: number;
}

/** Signs every file of a folder. Throws AgentProofError `exists` when it is signed already, `bad-key`, and those of listing it. */
export async function signFolder(world: SignWorld, dir: string, privatePem: string): Promise<Signed> {
  const keyid = world.signing.keyId(privatePem);
  const path = join(dir, ENVELOPE);
  const subjects = await folderSubjects(world, dir);
  if ((await world.files.facts(path)) !== null) {
    throw new AgentProofError(
      "exists",
      `${dir} is signed already`,
      ENVELOPE,
      `remove ${ENVELOPE} to sign it anew`,
    );
  }
  const payload = statementBytes(subjects);
  const sig = world.signing.sign(privatePem, preAuthEncoding(IN_TOTO, payload));
  if (sig === null || keyid === null) {
    throw new AgentProofError(
      "bad-key",
      "not an Ed25519 private key in PEM (PKCS #8)",
      null,
      "apr proof keygen --out NAME",
    );
  }
  await world.files.writeAtomic(
    path,
    envelopeText({ payloadType: IN_TOTO, payload, signatures: [{ keyid, sig }] }),
  );
  return { path, keyId: keyid, files: subjects.length };
}

export type VerifyCode =
  | "bad-envelope"
  | "damaged-envelope"
  | "wrong-key"
  | "wrong-digest"
  | "missing-file"
  | "extra-file"
  | "strange-file";

/** What a check of a signed folder found: sound, or everything that is wrong, each with its file. */
export type Verification =
  | { readonly kind: "sound"; readonly keyId: string; readonly files: number }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] };

export interface Fault {
  readonly code: VerifyCode;
  readonly file: string;
}

/**
 * Checks the signature of a folder by a key that the caller trusts, then every file. Nothing that is in the folder is
 * believed before the signature is good. Throws AgentProofError `not-found`, `not-a-folder`, `bad-key`, `too-large`.
 */
export async function verifyFolder(world: SignWorld, dir: string, publicPem: string): Promise<Verification> {
  const keyId = world.signing.keyId(publicPem);
  if (keyId === null || publicPem.includes("PRIVATE KEY")) {
    throw new AgentProofError(
      "bad-key",
      "not an Ed25519 public key in PEM (SPKI)",
      null,
      "apr proof keygen --out NAME makes NAME.pub",
    );
  }
  const facts = await world.files.facts(dir);
  if (facts === null) throw new AgentProofError("not-found", `no such folder: ${dir}`);
  if (facts.kind !== "folder") throw new AgentProofError("not-a-folder", `${dir} is no folder`);
  const read = await world.files.readSmall(join(dir, ENVELOPE), MAX_ENVELOPE_BYTES);
  if (read.kind === "absent") {
    throw new AgentProofError("not-found", `${dir} is not signed: it has no ${ENVELOPE}`, ENVELOPE);
  }
  if (read.kind === "refused") return refused("bad-envelope", ENVELOPE);
  const envelope = readEnvelope(Buffer.from(read.bytes).toString("utf8"));
  if (envelope === null) return refused("bad-envelope", ENVELOPE);
  const fault = checkSignature(world.signing, envelope, publicPem, keyId);
  if (fault !== null) return refused(fault, ENVELOPE);
  const subjects = envelope.payloadType === IN_TOTO ? readStatement(envelope.payload) : null;
  if (subjects === null) return refused("bad-envelope", ENVELOPE);
  return compare(world, dir, subjects, keyId);
}

function refused(code: VerifyCode, file: string): Verification {
  return { kind: "refused", faults: [{ code, file }] };
}

/** The key's name in the envelope decides nothing: it only tells a changed envelope from somebody else's signature. */
function checkSignature(
  signing: Signing,
  envelope: Envelope,
  publicPem: string,
  keyId: string,
): VerifyCode | null {
  const { payloadType, payload, signatures } = envelope;
  const signed = preAuthEncoding(payloadType, payload);
  if (signatures.some(({ sig }) => signing.verify(publicPem, signed, sig) === true)) return null;
  return signatures.some(({ keyid }) => keyid === keyId) ? "damaged-envelope" : "wrong-key";
}

async function compare(
  world: SignWorld,
  dir: string,
  subjects: readonly Subject[],
  keyId: string,
): Promise<Verification> {
  let there: readonly Subject[];
  try {
    there = await folderSubjects(world, dir);
  } catch (error) {
    if (error instanceof AgentProofError && error.code === "strange-file")
      return refused("strange-file", error.field ?? ".");
    throw error;
  }
  const found = new Map(there.map(({ name, sha256 }) => [name, sha256]));
  const faults = subjects.flatMap(({ name, sha256 }): Fault[] => {
    const is = found.get(name);
    found.delete(name);
    if (is === undefined) return [{ code: "missing-file", file: name }];
    return is === sha256 ? [] : [{ code: "wrong-digest", file: name }];
  });
  for (const file of found.keys()) faults.push({ code: "extra-file", file });
  return faults.length === 0 ? { kind: "sound", keyId, files: subjects.length } : { kind: "refused", faults };
}
