import type { MeasuredTable } from "./measured-table.ts";
import table from "./measured-weights.json" with { type: "json" };

/** What was measured with this version's checks: `apr sim calibrate --out src/evidence/measured-weights.json`. */
export const MEASURED_WEIGHTS = table as unknown as MeasuredTable;
