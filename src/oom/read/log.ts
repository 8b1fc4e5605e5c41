import { formatBytes } from "../../base/units.ts";
import { causeOf } from "../cause.ts";
import type { OomDetail } from "../detail.ts";
import { recognise } from "../recognise/recognise.ts";
import type { Recognised } from "../recognise/types.ts";
import { killedProcess, kernelDetail } from "./kernel-log.ts";
import type { Reading } from "./reading.ts";
import { stackAround } from "./traceback.ts";

/** Messages that a report lists. */
const MAX_LISTED = 20;

/** What a log tells, a kernel's or a program's: the last message is what the program died of. Null without any. */
export function readLog(text: string, source: string): Reading | null {
  const found = recognise(text);
  const kernel = found.filter(({ tool }) => tool === "kernel-memcg" || tool === "kernel-global");
  // A kernel that killed has the last word, whatever the program said before.
  const last = (kernel.length > 0 ? kernel : found).at(-1);
  if (last === undefined) return null;
  const isKernel = kernel.length > 0;
  const process = isKernel ? killedProcess(text, last) : null;
  const own = isKernel ? kernelDetail(last, process, source) : logDetail(text, last, source);
  const notes = [...own.notes, ...listed(found, last)];
  return {
    kind: isKernel ? "kernel-log" : "log",
    details: [{ ...own, notes }],
    cause: causeOf(last),
    timestamp: null,
    extra: {},
  };
}

function logDetail(text: string, found: Recognised, source: string): OomDetail {
  const stack = stackAround(text, found.offset);
  const { requestedBytes, freeBytes, totalBytes, limitBytes, usedBytes } = found;
  return {
    source,
    derived: ["peakAllocatedBytes"],
    ...(usedBytes === undefined ? {} : { peakAllocatedBytes: usedBytes }),
    ...(stack === null ? {} : { largestAllocStack: stack }),
    ...(requestedBytes === undefined ? {} : { requestedBytes }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
    ...(totalBytes === undefined ? {} : { totalBytes }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    notes:
      usedBytes === undefined ? [] : ["the peak is what the message says was in use when it was written"],
  };
}

function listed(found: readonly Recognised[], last: Recognised): string[] {
  const others = found.filter((each) => each !== last);
  const words = others.slice(-MAX_LISTED).map(({ tool, requestedBytes, text }) => {
    const asked = requestedBytes === undefined ? "" : `, ${formatBytes(requestedBytes)} wanted`;
    return `also in the log: ${tool}${asked}: ${text.split("\n")[0]?.slice(0, 160) ?? ""}`;
  });
  const more = others.length - words.length;
  return more > 0 ? [...words, `${more} messages more`] : words;
}
