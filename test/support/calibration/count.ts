// Bundled with a mistake in the engine, or without one, and run as a program of its own:
//
//   node bundle.mjs FROM UNTIL
//
// Plays the pulls of `apr sim calibrate` and prints one line of JSON: in how many runs each check signalled.
import { argv } from "node:process";
import { calibrationPull } from "../../../src/scenarios/calibration/pull.ts";
import { transferSignals } from "../../../src/scenarios/calibration/transfers.ts";
import { runScenario } from "../../../src/scenarios/run.ts";

const [from = 0, until = 0] = argv.slice(2).map(Number);
const signals: Record<string, number> = {};
let unfinished = 0;
for (let seed = from; seed < until; seed++) {
  const { traces, violations } = await runScenario(calibrationPull, BigInt(seed));
  // With a mistake in it a run may come to no end: that shows in no trace.
  if (violations.length > 0) unfinished += 1;
  for (const each of transferSignals(traces[0]?.events ?? [])) signals[each] = (signals[each] ?? 0) + 1;
}
process.stdout.write(`${JSON.stringify({ runs: until - from, signals, unfinished })}\n`);
