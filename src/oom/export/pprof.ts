import type { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import type { ReportView } from "../report-view.ts";
import { frameParts, Numbers } from "./frames.ts";
import { ProtoWriter } from "./protobuf.ts";

const NS_PER_MS = 1_000_000;

// Field numbers. Source: google/pprof, proto/profile.proto.
const PROFILE = {
  sampleType: 1,
  sample: 2,
  location: 4,
  function: 5,
  stringTable: 6,
  timeNanos: 9,
  periodType: 11,
  comment: 13,
  defaultSampleType: 14,
};
const VALUE_TYPE = { type: 1, unit: 2 };
const SAMPLE = { locationId: 1, value: 2 };
const LOCATION = { id: 1, line: 4 };
const LINE = { functionId: 1, line: 2 };
const FUNCTION = { id: 1, name: 2, systemName: 3, filename: 4 };

/** Who held memory at the peak, as a gzipped profile for `pprof`: blocks and bytes of each stack. */
export function pprofProfile(name: string, view: ReportView): Buffer {
  const strings = new Numbers();
  // The format wants an empty string first.
  strings.of("");
  const frames = new Numbers();
  const functions = new Numbers();
  const profile = new ProtoWriter();
  const valueType = (type: string, unit: string) => (inner: ProtoWriter) =>
    inner.int(VALUE_TYPE.type, strings.of(type)).int(VALUE_TYPE.unit, strings.of(unit));
  profile.message(PROFILE.sampleType, valueType("inuse_objects", "count"));
  profile.message(PROFILE.sampleType, valueType("inuse_space", "bytes"));
  for (const { stack, blocks, bytes } of view.holders) {
    // The innermost frame first; ids count from 1.
    const ids = stack.map((frame) => frames.of(frame) + 1).reverse();
    profile.message(PROFILE.sample, (inner) =>
      inner.ints(SAMPLE.locationId, ids).ints(SAMPLE.value, [blocks, bytes]),
    );
  }
  for (const [index, frame] of frames.keys.entries()) {
    const { name: title, file, line } = frameParts(frame);
    const id = functions.of(JSON.stringify([title, file])) + 1;
    profile.message(PROFILE.location, (inner) =>
      inner
        .int(LOCATION.id, index + 1)
        .message(LOCATION.line, (at) => at.int(LINE.functionId, id).int(LINE.line, line)),
    );
  }
  for (const [index, key] of functions.keys.entries()) {
    const [title, file] = JSON.parse(key) as [string, string];
    const nameId = strings.of(title);
    profile.message(PROFILE.function, (inner) =>
      inner
        .int(FUNCTION.id, index + 1)
        .int(FUNCTION.name, nameId)
        .int(FUNCTION.systemName, nameId)
        .int(FUNCTION.filename, strings.of(file)),
    );
  }
  profile.message(PROFILE.periodType, valueType("space", "bytes"));
  const timeMs = view.timestamp === null ? Number.NaN : Date.parse(view.timestamp);
  // Nanoseconds since 1970 are beyond 2^53: to the millisecond they are exact enough as a double.
  if (timeMs > 0) profile.int(PROFILE.timeNanos, timeMs * NS_PER_MS);
  profile.ints(PROFILE.comment, [strings.of(name)]);
  profile.int(PROFILE.defaultSampleType, strings.of("inuse_space"));
  for (const text of strings.keys) profile.text(PROFILE.stringTable, text);
  return gzipSync(profile.finish());
}
