import { type JsonObject, stringifyJson } from "../../base/json.ts";
import { assembleReport } from "../../oom/assemble.ts";
import type { OomCause } from "../../oom/cause.ts";
import type { OomDetail } from "../../oom/detail.ts";
import { gpuDetails, hostDetail } from "../../oom/host-detail.ts";
import { type ProgramTexts, redactedCause } from "../../oom/program-facts.ts";
import type { World } from "../../world/world.ts";
import { versionText } from "../version.ts";
import { ownDetails } from "./own-details.ts";
import type { Ran } from "./ran.ts";

/** The report of a program's death, redacted, as a value and as the text of its file. */
export async function buildReport(
  world: Pick<World, "files">,
  ran: Ran,
  cause: OomCause,
  texts: ProgramTexts,
): Promise<{ readonly report: JsonObject; readonly text: string }> {
  const own = ran.folder === null ? [] : await ownDetails(world, ran.folder, cause);
  const host = hostDetail(ran.record, ran.end, cause.process?.pid);
  const details = [...own, ...gpuDetails(cause, ran.gpu), host].map((detail) => redacted(detail, texts));
  const { report } = assembleReport(details, redactedCause(cause, texts), {
    exitCode: ran.exitCode,
    exitCodeSource: "wait status of the program",
    timestamp: new Date(ran.startedWallMs + ran.durationMs).toISOString(),
    timestampSource: "clock of this machine",
    extra: {
      contract: "crux-f-13",
      tool: versionText().trim(),
      program: texts.program(),
    },
  });
  return { report, text: `${stringifyJson(report)}\n` };
}

function redacted(detail: OomDetail, texts: ProgramTexts): OomDetail {
  return {
    ...detail,
    ...(detail.largestAllocStack === undefined
      ? {}
      : { largestAllocStack: detail.largestAllocStack.map((frame) => texts.text(frame)) }),
    notes: detail.notes.map((note) => texts.text(note)),
  };
}
