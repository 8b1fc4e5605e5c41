import type { Verdict } from "../../contracts/types.ts";
import { reasonText } from "../reason.ts";
import type { Block, Cell } from "./blocks.ts";

/** Every gate's verdict, with its reason. */
export function gatesTable(gates: readonly Verdict[], caption = "Gates"): Block {
  return {
    kind: "table",
    caption,
    columns: [{ title: "gate" }, { title: "verdict" }, { title: "judged" }, { title: "reason" }],
    rows: gates.map(({ gate, judged, reason, verdict }): Cell[] => [
      gate,
      { text: verdict, verdict },
      judged,
      reason === null ? "" : reasonText(reason),
    ]),
  };
}
