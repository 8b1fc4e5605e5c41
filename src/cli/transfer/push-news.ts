import type { PushProgress } from "../../transfer/push/types.ts";
import type { TransferNews } from "../../transfer/transfer.ts";

/** A push's progress in the words of a transfer, so that one view shows both. */
export function pushNews(
  registry: string,
  tag: string,
  tell: (news: TransferNews) => void,
): (progress: PushProgress) => void {
  return (progress) => {
    switch (progress.kind) {
      case "total":
        tell({ kind: "sending", tag, to: registry, totalBytes: progress.bytes });
        return;
      case "uploaded":
        tell({ kind: "verified", blob: progress.digest, bytes: progress.bytes });
        return;
      case "bytes":
      case "skipped":
      case "mounted":
        tell({ kind: "bytes", source: registry, bytes: progress.bytes });
    }
  };
}
