import { formatBytes } from "../../base/units.ts";
import { bar, sparkline } from "../../reports/spark.ts";
import type { Unfinished } from "../../transfer/transfers.ts";
import { secondsText } from "../store/bar.ts";
import { table } from "../store/table.ts";
import { type History, runKey, transferKey } from "./history.ts";
import type { LiveRun, Look } from "./look.ts";

const BAR_CELLS = 12;
const SPARK_CELLS = 20;

/** One look as tables. */
export function lookText({ runs, transfers }: Look, history: History, width: number | undefined): string {
  const parts = [
    transfers.length === 0
      ? "  no transfers\n"
      : table(
          [
            ["TRANSFER", "TAG", "", "HAVE", "OF", "RATE", "LEFT"],
            ...transfers.map((each) => transferRow(each, history)),
          ],
          [3, 4, 5],
          width,
        ),
    runs.length === 0
      ? "  nothing else is running\n"
      : table(
          [
            ["PID", "COMMAND", "PROGRAM", "PROCESSES", "MEMORY", ""],
            ...runs.map((each) => runRow(each, history)),
          ],
          [0, 3, 4],
          width,
        ),
  ];
  return parts.join("\n");
}

function transferRow({ haveBytes, id, kind, live, tag, totalBytes }: Unfinished, history: History): string[] {
  const { perSecond } = history.of(transferKey(id));
  const rate = perSecond === null || perSecond <= 0 ? null : perSecond;
  const left = rate === null || totalBytes === null ? null : Math.ceil((totalBytes - haveBytes) / rate);
  return [
    id.slice(0, 8),
    tag ?? "?",
    totalBytes === null ? "" : bar(haveBytes, totalBytes, BAR_CELLS).padEnd(BAR_CELLS, "░"),
    formatBytes(haveBytes),
    totalBytes === null ? "?" : formatBytes(totalBytes),
    rate === null ? "" : `${formatBytes(rate)}/s`,
    live ? (left === null ? "" : secondsText(Math.max(0, left))) : `${kind} stopped`,
  ];
}

function runRow({ command, memoryBytes, pid, processes, program }: LiveRun, history: History): string[] {
  return [
    String(pid),
    command,
    program ?? "",
    String(processes),
    formatBytes(memoryBytes),
    sparkline(history.of(runKey(pid)).values, SPARK_CELLS),
  ];
}

/** One look as a document; `rates` are known from the second look on. */
export function lookDocument({ runs, transfers }: Look, history: History): object {
  return {
    transfers: transfers.map(({ from, haveBytes, id, kind, live, ref, tag, totalBytes }) => {
      const { perSecond } = history.of(transferKey(id));
      const rate = perSecond === null ? null : Math.round(perSecond);
      return { id, kind, ref, from, tag, size: totalBytes, have: haveBytes, live, bytes_per_second: rate };
    }),
    runs: runs.map(({ command, memoryBytes, pid, processes, program }) => ({
      ...{ pid, command, program, processes, memory_bytes: memoryBytes },
    })),
  };
}
