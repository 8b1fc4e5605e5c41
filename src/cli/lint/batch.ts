import { AprError, EXIT } from "../../base/errors.ts";
import { eachLineBlock, isUtf8Text, type LineBlock, MAX_LINE_BYTES } from "../../world/node/lines.ts";
import type { AprContext } from "../context.ts";
import { errorLine, judgeLine, type LineResult, type LineWord } from "./batch-line.ts";

/** Output is written in pieces of about this many characters. */
const WRITE_LENGTH = 1024 * 1024;

const LINE_FEED = 10;

/**
 * Judges JSON lines, one line out for each line in, in order. Blank lines are passed over.
 * With `json` the lines stand in one array. Returns 5 if a gate failed, else 4 if a line was malformed,
 * else 6 if one was inconclusive, else 0.
 */
export function lintBatch(context: AprContext, json: boolean, path: string): number {
  const batch = new Batch(context.out, json);
  eachLineBlock(path, (block) => batch.take(block));
  return batch.end();
}

class Batch {
  private readonly seen: Record<LineWord, boolean> = {
    pass: false,
    fail: false,
    inconclusive: false,
    error: false,
  };
  private readonly out: (text: string) => void;
  private readonly json: boolean;
  private line = 0;
  private separator: string;
  private pending = "";

  constructor(out: (text: string) => void, json: boolean) {
    this.out = out;
    this.json = json;
    this.separator = json ? "[" : "";
  }

  take({ bytes, overlong }: LineBlock): void {
    if (overlong) {
      this.line++;
      const limit = `a line is longer than ${MAX_LINE_BYTES} bytes`;
      this.put(errorLine(new AprError("malformed", limit), this.line));
    } else if (isUtf8Text(bytes)) {
      this.takeText(bytes.toString("utf8"));
    } else {
      this.takeBytes(bytes);
    }
    if (this.pending.length >= WRITE_LENGTH) this.flush();
  }

  end(): number {
    if (this.json) this.pending += this.separator === "[" ? "[]\n" : "\n]\n";
    this.flush();
    if (this.seen.fail) return EXIT.failed;
    if (this.seen.error) return EXIT.malformed;
    return this.seen.inconclusive ? EXIT.inconclusive : EXIT.ok;
  }

  private takeText(text: string): void {
    let start = 0;
    for (;;) {
      const feed = text.indexOf("\n", start);
      this.judge(feed === -1 ? text.slice(start) : text.slice(start, feed));
      if (feed === -1) return;
      start = feed + 1;
    }
  }

  /** A block with bytes that are not UTF-8 somewhere: only the lines that hold them are refused. */
  private takeBytes(bytes: Buffer): void {
    let start = 0;
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, start);
      const line = bytes.subarray(start, feed === -1 ? bytes.length : feed);
      if (isUtf8Text(line)) {
        this.judge(line.toString("utf8"));
      } else {
        this.line++;
        this.put(errorLine(new AprError("malformed", "not UTF-8 text"), this.line));
      }
      if (feed === -1) return;
      start = feed + 1;
    }
  }

  private judge(text: string): void {
    this.line++;
    if (isBlank(text)) return;
    this.put(judgeLine(text, this.line));
  }

  private put({ word, text }: LineResult): void {
    this.seen[word] = true;
    this.pending += this.json ? `${this.separator}\n${text}` : `${text}\n`;
    this.separator = ",";
  }

  private flush(): void {
    if (this.pending !== "") this.out(this.pending);
    this.pending = "";
  }
}

function isBlank(text: string): boolean {
  // Nearly every line begins with a brace.
  return text.charCodeAt(0) !== 123 && text.trim() === "";
}
