import { EXIT, systemCode } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { AgentProofError } from "../../proof/errors.ts";
import { printable } from "../../reports/printable.ts";
import type { CommonFlags, Run } from "../context.ts";
import { signWorld } from "../proof/keys.ts";
import { absolute } from "../store/open.ts";

export interface KeygenFlags extends CommonFlags {
  readonly out: string;
}

export const run: Run<KeygenFlags, []> = async (context, flags) => {
  const path = absolute(flags.out);
  const publicPath = `${path}.pub`;
  const { privatePem, publicPem } = signWorld.signing.generate();
  // The public half first: a private key is then never left behind alone by a name that is taken.
  await writeNew(publicPath, publicPem, 0o644);
  try {
    await writeNew(path, privatePem, 0o600);
  } catch (error) {
    await signWorld.files.unlink(publicPath);
    throw error;
  }
  const keyId = signWorld.signing.keyId(publicPem);
  context.out(
    flags.json
      ? `${stringifyJson({ private_key: path, public_key: publicPath, key_id: keyId })}\n`
      : `private ${printable(path)}\npublic  ${printable(publicPath)}\n`,
  );
  return EXIT.ok;
};

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const { files } = signWorld;
  const file = await files.createNew(path, mode).catch((error: unknown) => {
    if (systemCode(error) === "EEXIST") {
      throw new AgentProofError("exists", `${path} is there already`, null, "a key is never written over");
    }
    throw error;
  });
  try {
    await file.writeAt(Buffer.from(text, "utf8"), 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
