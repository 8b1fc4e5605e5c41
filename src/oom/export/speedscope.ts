import type { JsonObject } from "../../base/json.ts";
import type { ReportView } from "../report-view.ts";
import { frameParts, Numbers } from "./frames.ts";

/** A flame graph of who held memory at the peak. Source: speedscope's file-format-spec.ts. */
export function speedscopeProfile(name: string, view: ReportView): JsonObject {
  const frames = new Numbers();
  const samples = view.holders.map(({ stack }) => stack.map((frame) => frames.of(frame)));
  const weights = view.holders.map(({ bytes }) => bytes);
  return {
    $schema: "https://www.speedscope.app/file-format-schema.json",
    name,
    exporter: "apr",
    activeProfileIndex: 0,
    shared: {
      frames: frames.keys.map((frame) => {
        const { name: title, file, line } = frameParts(frame);
        return { name: title, ...(file === "" ? {} : { file }), ...(line === 0 ? {} : { line }) };
      }),
    },
    profiles: [
      {
        type: "sampled",
        name: "bytes held at the peak",
        unit: "bytes",
        startValue: 0,
        endValue: weights.reduce((sum, weight) => sum + weight, 0),
        // The outermost frame first, as in the report.
        samples,
        weights,
      },
    ],
  };
}
