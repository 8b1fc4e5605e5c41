import { JsonTokens, MORE } from "./json-tokens.ts";
import { MAX_MEMBER_BYTES } from "./limits.ts";
import { refuse, unlessRefused } from "./refusal.ts";
import type { ByteSource } from "./source.ts";

const FIRST_WINDOW_BYTES = 64 * 1024;

/** JSON in part of a file, a window of it in memory at a time: a header of 100 MB must not cost as much. */
export class JsonStream {
  private readonly source: ByteSource;
  private readonly end: number;
  private readonly tokens = new JsonTokens(new Uint8Array(0), false);
  /** Where the window ends in the file. */
  private windowEnd: number;
  private windowBytes = 0;

  constructor(source: ByteSource, start: number, end: number) {
    this.source = source;
    this.end = end;
    this.windowEnd = start;
  }

  /**
   * Runs one step, which reads tokens and has no other effect. When the window ends inside it, the window
   * moves and grows, and the step runs again from where it began.
   */
  async step<T>(read: (tokens: JsonTokens) => T): Promise<T> {
    for (;;) {
      const start = this.tokens.position;
      try {
        return read(this.tokens);
      } catch (error) {
        if (error !== MORE) throw error;
      }
      await this.more(start);
    }
  }

  /** The members of an object, in order: `read` gets the key, with the tokens at the value. */
  async members(read: (key: string, tokens: JsonTokens) => void): Promise<void> {
    await this.step((tokens) => tokens.expect("{"));
    if (await this.step((tokens) => tokens.take("}"))) return;
    do {
      await this.member(read);
    } while (await this.step((tokens) => tokens.take(",")));
    await this.step((tokens) => tokens.expect("}"));
  }

  /** Reads a member's key, and its value with `read`, which must not keep anything before it is done. */
  member(read: (key: string, tokens: JsonTokens) => void): Promise<void> {
    return this.step((tokens) => {
      const key = tokens.string();
      tokens.expect(":");
      read(key, tokens);
    });
  }

  /** Refuses anything but spaces after the value. */
  async finish(): Promise<void> {
    const next = await this.step((tokens) => tokens.peek());
    if (next !== -1) throw refuse("bad-json", "something follows its JSON");
  }

  private async more(start: number): Promise<void> {
    const from = this.windowEnd - this.windowBytes + start;
    const unread = this.windowEnd - from;
    // Twice what did not do: steps that need much cost no more than twice their size.
    const wanted = Math.min(this.end - from, Math.max(FIRST_WINDOW_BYTES, 2 * unread));
    if (unread > MAX_MEMBER_BYTES) {
      throw refuse("header-too-large", `one entry is larger than ${MAX_MEMBER_BYTES} bytes`, {
        offset: from,
      });
    }
    const bytes = unlessRefused(await this.source.read(from, wanted));
    this.windowEnd = from + wanted;
    this.windowBytes = wanted;
    this.tokens.move(bytes, this.windowEnd === this.end);
  }
}
