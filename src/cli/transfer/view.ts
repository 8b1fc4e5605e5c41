import { formatBytes } from "../../base/units.ts";
import { printable } from "../../reports/printable.ts";
import type { TransferNews } from "../../transfer/transfer.ts";
import { nodeClock } from "../../world/node/time.ts";
import type { AprContext } from "../context.ts";
import { secondsText } from "../store/bar.ts";
import { tellingOf } from "../terminal.ts";

export type ProgressMode = "auto" | "plain" | "json" | "none";

/** Shows how far a transfer is, on stderr. */
export interface TransferView {
  readonly tell: (news: TransferNews) => void;
  /** Takes the line away that is rewritten. */
  readonly done: () => void;
}

const CLEAR_LINE = "\r\u001b[K";
const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 5000;
const JSON_EVERY_MS = 200;
const BAR_CELLS = 28;

/** How far it is, from the news alone. */
class Progress {
  totalBytes: number | null = null;
  doneBytes = 0;
  receivedBytes = 0;
  startedMs = nodeClock.monotonicMs();
  readonly shares = new Map<string, number>();

  take(news: TransferNews): void {
    if (news.kind === "plan") {
      this.totalBytes = news.totalBytes;
      this.doneBytes = news.knownBytes + news.resumedBytes;
      this.startedMs = nodeClock.monotonicMs();
      for (const name of news.sources) this.shares.set(name, 0);
    }
    if (news.kind === "sending") {
      this.totalBytes = news.totalBytes;
      this.startedMs = nodeClock.monotonicMs();
    }
    if (news.kind !== "bytes") return;
    this.receivedBytes += news.bytes;
    this.shares.set(news.source, (this.shares.get(news.source) ?? 0) + news.bytes);
  }

  /** 0 to 1; null where nobody knows the size. What is fetched again can not count twice. */
  get share(): number | null {
    if (this.totalBytes === null) return null;
    if (this.totalBytes === 0) return 1;
    return Math.min(1, (this.doneBytes + this.receivedBytes) / this.totalBytes);
  }

  get bytesPerSecond(): number {
    return (this.receivedBytes / Math.max(1, nodeClock.monotonicMs() - this.startedMs)) * 1000;
  }

  get secondsLeft(): number | null {
    if (this.totalBytes === null || this.receivedBytes === 0) return null;
    const left = this.totalBytes - this.doneBytes - this.receivedBytes;
    return Math.max(0, Math.ceil(left / this.bytesPerSecond));
  }

  /** `registry 41 % · usb 59 %`, where there are several. */
  sharesText(): string {
    if (this.shares.size < 2 || this.receivedBytes === 0) return "";
    const each = [...this.shares].map(
      ([name, bytes]) => `${printable(name)} ${Math.round((bytes / this.receivedBytes) * 100)} %`,
    );
    return `  ${each.join(" · ")}`;
  }

  text(): string {
    const speed = `${formatBytes(this.bytesPerSecond)}/s`;
    if (this.share === null) return `${formatBytes(this.receivedBytes)}  ${speed}${this.sharesText()}`;
    const left = this.secondsLeft === null ? "" : `  ${secondsText(this.secondsLeft)} left`;
    return `${Math.floor(this.share * 100)} %  ${speed}${left}${this.sharesText()}`;
  }
}

/** What happened, for a person; null for what only moves the bar. */
function newsText(news: TransferNews): string | null {
  switch (news.kind) {
    case "waiting":
      return `process ${news.pid} is pulling this: waiting for it`;
    case "plan": {
      const size = news.totalBytes === null ? "of unknown size" : formatBytes(news.totalBytes);
      const there = news.knownBytes === 0 ? "" : ` · ${formatBytes(news.knownBytes)} in the store already`;
      const kept = news.resumedBytes === 0 ? "" : ` · ${formatBytes(news.resumedBytes)} from an earlier run`;
      const blobs = `${news.blobs} blob${news.blobs === 1 ? "" : "s"}`;
      return `${printable(news.tag)}  ${size}, ${blobs} to fetch${there}${kept} · ${formatBytes(news.freeBytes)} free`;
    }
    case "sending":
      return `${printable(news.tag)}  ${formatBytes(news.totalBytes)} to ${printable(news.to)}`;
    case "retry":
      return `${printable(news.source)}: ${printable(news.why)}; again in ${(news.inMs / 1000).toFixed(1)} s`;
    case "dropped":
      return `${printable(news.source)} is not asked any more: ${printable(news.why)}`;
    case "repair":
      return `chunk ${news.chunk} of ${news.blob} was wrong (${printable(news.source)}): fetching it again`;
    case "restart":
      return `${news.blob} starts again: ${printable(news.why)}`;
    case "bytes":
    case "verified":
    case "publishing":
      return null;
  }
}

export function transferView(context: AprContext, mode: ProgressMode): TransferView {
  const telling = tellingOf(context);
  if (mode === "none" || (mode === "auto" && telling === "nothing"))
    return { tell: () => undefined, done: () => undefined };
  if (mode === "json") return jsonView(context);
  return mode === "auto" && telling === "rewrite" ? terminalView(context) : plainView(context);
}

/** One JSON object a line. Bytes are summed up, five lines a second at most. */
function jsonView(context: AprContext): TransferView {
  const waiting = new Map<string, number>();
  let shownMs = nodeClock.monotonicMs();
  const line = (event: object): void => context.err(`${JSON.stringify(event)}\n`);
  const flush = (): void => {
    for (const [source, bytes] of waiting) line({ event: "bytes", source, bytes });
    waiting.clear();
    shownMs = nodeClock.monotonicMs();
  };
  return {
    tell(news) {
      if (news.kind !== "bytes") {
        const { kind, ...rest } = news;
        flush();
        line({ event: kind, ...rest });
        return;
      }
      waiting.set(news.source, (waiting.get(news.source) ?? 0) + news.bytes);
      if (nodeClock.monotonicMs() - shownMs >= JSON_EVERY_MS) flush();
    },
    done: flush,
  };
}

function plainView(context: AprContext): TransferView {
  const progress = new Progress();
  let shownMs = nodeClock.monotonicMs();
  return {
    tell(news) {
      progress.take(news);
      const text = newsText(news);
      if (text !== null) context.err(`  ${text}\n`);
      const now = nodeClock.monotonicMs();
      if (news.kind !== "bytes" || now - shownMs < PLAIN_EVERY_MS) return;
      shownMs = now;
      context.err(`  ${progress.text()}\n`);
    },
    done: () => undefined,
  };
}

function terminalView(context: AprContext): TransferView {
  const progress = new Progress();
  let shownMs = 0;
  return {
    tell(news) {
      progress.take(news);
      const text = newsText(news);
      if (text !== null) context.err(`${CLEAR_LINE}  ${text}\n`);
      const now = nodeClock.monotonicMs();
      if (now - shownMs < TERMINAL_EVERY_MS) return;
      shownMs = now;
      const cells = progress.share === null ? null : Math.round(progress.share * BAR_CELLS);
      const bar = cells === null ? "" : `${"█".repeat(cells)}${"░".repeat(BAR_CELLS - cells)}  `;
      context.err(`${CLEAR_LINE}  ${bar}${progress.text()}`);
    },
    done: () => context.err(CLEAR_LINE),
  };
}
