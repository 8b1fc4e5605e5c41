import { AprError, EXIT } from "../../base/errors.ts";
import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import { overall } from "../../contracts/judge.ts";
import type { Verdict } from "../../contracts/types.ts";
import { packArchive } from "../../crashpack/archive.ts";
import { disagreementText } from "../../crashpack/disagreement.ts";
import type { Examination } from "../../crashpack/examine.ts";
import { judgePack } from "../../crashpack/judge.ts";
import { examinePack } from "../../crashpack/open.ts";
import { printable } from "../../reports/printable.ts";
import { verdictJson, verdictsText } from "../../reports/verdicts.ts";
import { nodeFiles } from "../../world/node/files.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { CommonFlags, Run } from "../context.ts";
import { packPath } from "../crashpack/find.ts";
import { absolute } from "../store/open.ts";

export interface VerifyPackFlags extends CommonFlags {
  readonly archive?: string;
}

/** For people; `--json` has all of them. */
const MAX_SHOWN = 10;

export const run: Run<VerifyPackFlags, [string]> = async (context, flags, told) => {
  const path = await packPath(context, told);
  if (flags.archive !== undefined && (await nodeFiles.facts(path))?.kind === "file") {
    throw new AprError("usage", "--archive packs a folder, and this is a file", { fields: { path } });
  }
  const examination = await examinePack(nodeWorld, path);
  const verdicts = judgePack(examination);
  // A damaged pack is malformed input, not a run that broke a contract.
  const exitCode = overall(verdicts) === "pass" ? EXIT.ok : EXIT.malformed;
  const archive = flags.archive === undefined || exitCode !== EXIT.ok ? null : absolute(flags.archive);
  if (archive !== null) await packArchive(nodeWorld, path, archive);
  if (flags.json) {
    context.out(`${stringifyJson(document({ path, archive, exitCode }, examination, verdicts))}\n`);
    return exitCode;
  }
  const { disagreements, events, files, sizeBytes } = examination;
  for (const each of disagreements.slice(0, MAX_SHOWN)) {
    context.err(`apr: ${printable(disagreementText(each)).slice(0, 400)}\n`);
  }
  if (disagreements.length > MAX_SHOWN) context.err(`apr: and ${disagreements.length - MAX_SHOWN} more\n`);
  const size = `${files} files, ${formatBytes(sizeBytes)}, ${events.toLocaleString("en-US")} events`;
  context.out(`${verdictsText(verdicts, exitCode)}${size}\n`);
  if (archive !== null) context.out(`${printable(archive)}\n`);
  return exitCode;
};

interface About {
  readonly path: string;
  readonly archive: string | null;
  readonly exitCode: number;
}

function document(
  { path, archive, exitCode }: About,
  { disagreements, events, files, hex, sizeBytes }: Examination,
  verdicts: readonly Verdict[],
): JsonObject {
  const [first] = disagreements;
  const error =
    first === undefined
      ? null
      : {
          kind: "malformed",
          message: disagreementText(first),
          exit_code: exitCode,
          code: "files-disagree",
          file: first.file,
          ...(first.other === null ? {} : { other: first.other }),
        };
  return {
    path,
    sha256: hex,
    files,
    size: sizeBytes,
    events,
    verdict: overall(verdicts),
    verdicts: verdicts.map(verdictJson),
    disagreements: disagreements.map((each) => ({ ...each })),
    ...(archive === null ? {} : { archive }),
    exit_code: exitCode,
    ...(error === null ? {} : { error }),
  };
}
