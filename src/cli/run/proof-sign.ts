import { EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { signFolder } from "../../proof/sign.ts";
import { printable } from "../../reports/printable.ts";
import type { Run } from "../context.ts";
import { type KeyFlags, readKey, realFolder, signWorld } from "../proof/keys.ts";
import { absolute } from "../store/open.ts";

export const run: Run<KeyFlags, [string]> = async (context, flags, dir) => {
  const folder = await realFolder(absolute(dir));
  const { path, keyId, files } = await signFolder(signWorld, folder, await readKey(absolute(flags.key)));
  context.out(
    flags.json
      ? `${stringifyJson({ path, key_id: keyId, files })}\n`
      : `signed ${files} files by key ${keyId.slice(0, 16)}\n${printable(path)}\n`,
  );
  return EXIT.ok;
};
