import type { Json } from "../../base/json.ts";
import type { NetHead } from "../../world/net.ts";
import { anyJson, failure, netHead } from "./codecs.ts";
import {
  MAX_LOG_NUMBERS,
  MAX_RECORD_CHARS,
  OP,
  RECORD_FORMAT,
  type RecordedHost,
  type TransferRecord,
} from "./format.ts";
import { cleanHead } from "./redact.ts";
import type { Codec, Meanwhile, Told, Wire } from "./wire.ts";

/** Runs `work` when everything that was set off before has run: see `world/node/turn.ts`. */
export type Turn = (work: () => void) => void;

/** Asks the real world, and keeps what it says. What is too much is not kept; the transfer goes on as it would. */
export class Recorder implements Wire {
  readonly #turn: Turn;
  readonly #maxNumbers: number;
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #values: Json[] = [];
  #log: number[] = [];
  #calls = 0;
  #chars = 0;
  #cut: string | null = null;
  /** What came back and was not handed on yet. */
  readonly #waiting: (() => void)[] = [];
  #pumping = false;

  constructor(turn: Turn, maxNumbers: number = MAX_LOG_NUMBERS) {
    this.#turn = turn;
    this.#maxNumbers = maxNumbers;
  }

  call<T>(
    words: string,
    codec: Codec<T>,
    ask: (told: Told) => Promise<T>,
    meanwhile: Meanwhile = {},
  ): Promise<T> {
    const call = this.#calls;
    this.#calls += 1;
    this.#note(OP.call, this.#text(words));
    return new Promise((resolve, reject: (error: Error) => void) => {
      const came = (value: T): void =>
        this.#inTurn(() => {
          this.#note(
            OP.done,
            call,
            this.#value(() => codec.encode(value)),
          );
          resolve(value);
        });
      const failed = (error: unknown): void =>
        this.#inTurn(() => {
          this.#note(
            OP.failed,
            call,
            this.#value(() => encodeFailure(error, meanwhile.signal)),
          );
          reject(error as Error);
        });
      try {
        ask(this.#told(call, meanwhile)).then(came, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  clock(which: "monotonic" | "wall", ask: () => number): number {
    const value = ask();
    this.#note(which === "wall" ? OP.wall : OP.monotonic, value);
    return value;
  }

  value<T>(words: string, codec: Codec<T>, ask: () => T): T {
    const value = ask();
    this.#note(
      OP.value,
      this.#text(words),
      this.#value(() => codec.encode(value)),
    );
    return value;
  }

  stopSignal(real: AbortSignal): AbortSignal {
    const stop = new AbortController();
    const stopped = (): void =>
      this.#inTurn(() => {
        this.#note(
          OP.stop,
          this.#value(() => failure.encode(real.reason)),
        );
        stop.abort(real.reason);
      });
    if (real.aborted) stopped();
    else real.addEventListener("abort", stopped, { once: true });
    return stop.signal;
  }

  /** What was recorded so far. */
  record(command: Json, host: RecordedHost): TransferRecord {
    const { name, pid, bootId, platform, uid, gid, cores, tempFolder } = host;
    return {
      format: RECORD_FORMAT,
      command,
      host: { name, pid, bootId, platform, uid, gid, cores, tempFolder },
      cut: this.#cut,
      texts: this.#cut === null ? this.#texts : [],
      values: this.#cut === null ? this.#values : [],
      log: this.#log,
    };
  }

  #told(call: number, { head, number, told }: Meanwhile): Told {
    return {
      number: (value) => {
        this.#note(OP.number, call, value);
        number?.(value);
      },
      told: (value) =>
        this.#inTurn(() => {
          this.#note(
            OP.told,
            call,
            this.#value(() => anyJson.encode(value)),
          );
          told?.(value);
        }),
      head: (value: NetHead) => {
        this.#note(
          OP.head,
          call,
          this.#value(() => netHead.encode(cleanHead(value))),
        );
        return head?.(value) ?? false;
      },
    };
  }

  /** One at a time, each after all that the one before has set off: only so can it be done again in the same way. */
  #inTurn(deliver: () => void): void {
    this.#waiting.push(deliver);
    if (this.#pumping) return;
    this.#pumping = true;
    this.#turn(() => this.#pump());
  }

  #pump(): void {
    this.#waiting.shift()?.();
    // In a microtask, so that those which were just set off come before the next turn.
    queueMicrotask(() => {
      if (this.#waiting.length > 0) this.#turn(() => this.#pump());
      else this.#pumping = false;
    });
  }

  #note(op: number, first: number, second?: number): void {
    if (this.#cut !== null) return;
    this.#log.push(op, first);
    if (second !== undefined) this.#log.push(second);
    if (this.#log.length > this.#maxNumbers) this.#stop(`it has more than ${this.#maxNumbers} numbers`);
    else if (this.#chars > MAX_RECORD_CHARS) this.#stop(`it has more than ${MAX_RECORD_CHARS} characters`);
  }

  #stop(why: string): void {
    this.#cut = why;
    this.#log = [];
    this.#values.length = 0;
    this.#texts.length = 0;
    this.#numbers.clear();
  }

  #text(text: string): number {
    if (this.#cut !== null) return 0;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    this.#chars += text.length;
    return number;
  }

  /** The index of a value; small ones that come again and again are kept once. */
  #value(encode: () => Json): number {
    if (this.#cut !== null) return 0;
    let value: Json;
    try {
      value = encode();
    } catch {
      // A record that lacks something must not end the transfer.
      this.#stop("a value could not be kept");
      return 0;
    }
    if (value === null || typeof value === "boolean") return this.#constant(value);
    this.#chars += sizeOf(value);
    return this.#values.push(value) - 1;
  }

  #constant(value: null | boolean): number {
    const key = `\0${value}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#values.push(value) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}

/** The reason of an abort is the engine's own: only that it was it is kept. */
function encodeFailure(error: unknown, signal: AbortSignal | undefined): Json {
  return signal?.aborted === true && error === signal.reason ? { class: "aborted" } : failure.encode(error);
}

/** About as many characters as its JSON text has. */
function sizeOf(value: Json): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce((sum: number, each) => sum + 16 + sizeOf(each as Json), 2);
}
