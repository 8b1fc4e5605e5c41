import { buildRouteMap } from "@stricli/core";
import { simCalibrate } from "./sim-calibrate.ts";

/** `apr sim`: the simulated world. */
export const sim = buildRouteMap({
  routes: { calibrate: simCalibrate },
  docs: { brief: "Play transfers in a simulated world" },
});
