import type { Block, Page } from "../html/blocks.ts";
import type { LanesPicture, Picture, SeriesPicture } from "../html/pictures.ts";
import { printable } from "../printable.ts";

// The lanes and curves of a page as Chrome's trace event format, which Perfetto and chrome://tracing open: spans are
// complete events ("X"), moments instants ("i"), curves counters ("C"). Times are microseconds there.
// Source: "Trace Event Format", the format's own document.

const PROCESS = 1;
const NS_PER_US = 1000;
const US_PER_MS = 1000;

interface TraceEventJson {
  readonly ph: "X" | "i" | "C" | "M";
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly s?: "t" | "g";
  readonly args?: Readonly<Record<string, string | number>>;
}

/** Null where the page has neither lanes nor curves: an empty trace would look like an empty run. */
export function perfettoOf(page: Page): string | null {
  const pictures = picturesOf(page.blocks);
  const events = pictures.flatMap((picture): TraceEventJson[] => {
    if (picture.kind === "lanes") return laneEvents(picture);
    return picture.kind === "series" ? counterEvents(picture) : [];
  });
  if (events.length === 0) return null;
  const head = {
    displayTimeUnit: "ms",
    otherData: { title: printable(page.title), finding: printable(page.finding) },
  };
  // One event a line: a file of a million can be looked at with ordinary tools.
  return `${JSON.stringify(head).slice(0, -1)},"traceEvents":[\n${events.map((event) => JSON.stringify(event)).join(",\n")}\n]}\n`;
}

export function picturesOf(blocks: readonly Block[]): Picture[] {
  return blocks.flatMap((block): Picture[] => {
    if (block.kind === "picture") return [block.picture];
    return block.kind === "section" || block.kind === "details" ? picturesOf(block.blocks) : [];
  });
}

function laneEvents(picture: LanesPicture): TraceEventJson[] {
  const names = picture.lanes.map(
    (name, lane): TraceEventJson => ({
      ...{ ph: "M", name: "thread_name", pid: PROCESS, tid: lane + 1, ts: 0 },
      args: { name: printable(name) },
    }),
  );
  const events = Array.from(picture.timeNs, (ns, at): TraceEventJson => {
    const durationNs = picture.durationNs[at] ?? 0;
    const text = picture.texts[picture.text[at] ?? 0] ?? "";
    const base = {
      name: printable(picture.kinds[picture.eventKind[at] ?? 0] ?? ""),
      pid: PROCESS,
      tid: (picture.lane[at] ?? 0) + 1,
      ts: ns / NS_PER_US,
      ...(text === "" ? {} : { args: { data: printable(text) } }),
    };
    return durationNs > 0 ? { ph: "X", dur: durationNs / NS_PER_US, ...base } : { ph: "i", s: "t", ...base };
  });
  const marks = picture.marks.map(
    ({ label, timeNs }): TraceEventJson => ({
      ...{ ph: "i", s: "g", name: printable(label), pid: PROCESS, tid: 0, ts: timeNs / NS_PER_US },
    }),
  );
  return [...names, ...events, ...marks];
}

function counterEvents(picture: SeriesPicture): TraceEventJson[] {
  return picture.series.flatMap(({ name, values }) =>
    Array.from(
      picture.timeMs,
      (ms, at): TraceEventJson => ({
        ...{ ph: "C", name: printable(name), pid: PROCESS, tid: 0, ts: ms * US_PER_MS },
        args: { [picture.unit]: values[at] ?? 0 },
      }),
    ),
  );
}
