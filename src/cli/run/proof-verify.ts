import { EXIT } from "../../base/errors.ts";
import { stringifyJson } from "../../base/json.ts";
import { type VerifyCode, verifyFolder } from "../../proof/sign.ts";
import { printable } from "../../reports/printable.ts";
import type { Run } from "../context.ts";
import { type KeyFlags, readKey, realFolder, signWorld } from "../proof/keys.ts";
import { absolute } from "../store/open.ts";

const WORDS: Readonly<Record<VerifyCode, string>> = {
  "bad-envelope": "is no signature of a folder",
  "damaged-envelope": "was changed after it was signed",
  "wrong-key": "was not signed by this key",
  "wrong-digest": "was changed after it was signed",
  "missing-file": "is missing",
  "extra-file": "was not there when the folder was signed",
  "strange-file": "is no regular file",
};

/** More than a screen of them helps nobody; `--json` has all. */
const MAX_SHOWN = 20;

export const run: Run<KeyFlags, [string]> = async (context, flags, dir) => {
  const folder = await realFolder(absolute(dir));
  const found = await verifyFolder(signWorld, folder, await readKey(absolute(flags.key)));
  if (found.kind === "sound") {
    const { files, keyId } = found;
    context.out(
      flags.json
        ? `${stringifyJson({ verified: true, files, key_id: keyId })}\n`
        : `verified ${files} files, signed by key ${keyId.slice(0, 16)}\n`,
    );
    return EXIT.ok;
  }
  const { faults } = found;
  if (flags.json) {
    context.out(
      `${stringifyJson({ verified: false, faults: faults.map(({ code, file }) => ({ code, file })) })}\n`,
    );
  }
  for (const { code, file } of faults.slice(0, MAX_SHOWN)) {
    context.err(`apr: ${printable(file)} ${WORDS[code]}\n`);
  }
  if (faults.length > MAX_SHOWN) context.err(`apr: and ${faults.length - MAX_SHOWN} more\n`);
  return faults.some(({ code }) => code === "wrong-key") ? EXIT.failed : EXIT.malformed;
};
