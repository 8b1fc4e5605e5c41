import { isJsonObject, type Json } from "../../base/json.ts";
import type { Owner, Scheduler } from "../../sim/scheduler.ts";
import { anyJson, BadRecord, failure, netHead } from "./codecs.ts";
import { OP, OPERANDS, type TransferRecord } from "./format.ts";
import type { Codec, Meanwhile, Told, Wire } from "./wire.ts";

/** The engine did something else than it did when it was recorded. */
export class Diverged extends Error {
  override readonly name = "Diverged";
}

interface Pending {
  readonly meanwhile: Meanwhile;
  readonly done: (json: Json) => void;
  readonly failed: (error: unknown) => void;
}

const NAMES: readonly string[] = Object.keys(OP);

/** Says again what was recorded, to an engine that asks the same. It has no world of its own. */
export class Player implements Wire {
  /** Rejects when the engine, or the record, goes another way. */
  readonly gone: Promise<never>;
  readonly #record: TransferRecord;
  readonly #scheduler: Scheduler;
  readonly #owner: Owner = { alive: true };
  readonly #pending = new Map<number, Pending>();
  readonly #stop = new AbortController();
  #leave: (error: Error) => void = () => undefined;
  #over = false;
  #at = 0;
  #calls = 0;
  #nowMs = 0;

  constructor(record: TransferRecord, scheduler: Scheduler) {
    this.#record = record;
    this.#scheduler = scheduler;
    this.gone = new Promise((_, reject) => {
      this.#leave = (error) => {
        this.#over = true;
        reject(error);
      };
    });
    this.gone.catch(() => undefined);
  }

  /** True when the engine has left the record: what it does since means nothing. */
  get left(): boolean {
    return this.#over;
  }

  /** True when everything that was recorded has been said again. */
  get atEnd(): boolean {
    return this.#at === this.#record.log.length;
  }

  /** Begins to hand on what came from outside, one step of the scheduler each. */
  start(): void {
    this.#scheduler.at(this.#scheduler.nowUs, this.#owner, "the record", () => {
      if (this.#over) return;
      try {
        this.#deliver();
      } catch (error) {
        this.#leave(error instanceof Error ? error : new Error(String(error)));
      }
      if (!this.#over) this.start();
    });
  }

  call<T>(
    words: string,
    codec: Codec<T>,
    _ask: (told: Told) => Promise<T>,
    meanwhile: Meanwhile = {},
  ): Promise<T> {
    if (!this.#expect(OP.call, words)) return new Promise(() => undefined);
    const call = this.#calls;
    this.#calls += 1;
    return new Promise((resolve, reject: (error: unknown) => void) => {
      this.#pending.set(call, {
        meanwhile,
        done: (json) => resolve(codec.decode(json)),
        failed: reject,
      });
    });
  }

  clock(which: "monotonic" | "wall"): number {
    const op = which === "wall" ? OP.wall : OP.monotonic;
    if (this.#expect(op, null)) this.#nowMs = this.#record.log[this.#at - 1] ?? 0;
    return this.#nowMs;
  }

  value<T>(words: string, codec: Codec<T>, _ask: () => T): T {
    if (!this.#expect(OP.value, words)) throw new Diverged(`the engine asks for ${words}`);
    return codec.decode(this.#value(this.#record.log[this.#at - 1]));
  }

  stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What the engine does now must be what it did then. */
  #expect(op: number, words: string | null): boolean {
    if (this.#over) return false;
    const { log } = this.#record;
    const then = log[this.#at];
    const thenWords = then === OP.call || then === OP.value ? this.#text(log[this.#at + 1]) : null;
    if (then === op && (words === null || words === thenWords)) {
      this.#at += 1 + (OPERANDS[op] ?? 0);
      return true;
    }
    const now = words ?? `the ${NAMES[op] ?? ""} clock`;
    const before =
      thenWords ?? (then === undefined ? "nothing more" : `to hear of ${NAMES[then] ?? "something else"}`);
    this.#leave(new Diverged(`the engine asks for ${now}, and asked for ${before}`));
    return false;
  }

  #deliver(): void {
    const { log } = this.#record;
    const op = log[this.#at];
    if (op === undefined) throw new Diverged("the engine waits, and the record is at its end");
    const [first, second] = [log[this.#at + 1], log[this.#at + 2]];
    if (op === OP.call || op === OP.value) {
      throw new Diverged(`the engine does not ask for ${this.#text(first)}, as it did`);
    }
    if (op === OP.monotonic || op === OP.wall)
      throw new Diverged("the engine does not read a clock, as it did");
    const operands = OPERANDS[op];
    if (operands === undefined) throw new BadRecord("an entry of an unknown kind");
    this.#at += 1 + operands;
    if (op === OP.stop) return this.#stop.abort(failure.decode(this.#value(first)));
    const pending = this.#pending.get(first ?? -1);
    if (pending === undefined) throw new BadRecord("an answer to a call that is not waiting");
    this.#hand(op, first ?? -1, pending, second);
  }

  #hand(op: number, call: number, pending: Pending, operand: number | undefined): void {
    const { head, number, signal, told } = pending.meanwhile;
    switch (op) {
      case OP.done:
        // One that tells of things may go on telling.
        if (told === undefined) this.#pending.delete(call);
        return pending.done(this.#value(operand));
      case OP.failed: {
        this.#pending.delete(call);
        const why = this.#value(operand);
        const aborted = isJsonObject(why) && why["class"] === "aborted";
        return pending.failed(aborted ? signal?.reason : failure.decode(why));
      }
      case OP.number:
        return number?.(operand ?? 0);
      case OP.told:
        return told?.(anyJson.decode(this.#value(operand)));
      default:
        head?.(netHead.decode(this.#value(operand)));
    }
  }

  #text(index: number | undefined): string {
    return this.#record.texts[index ?? -1] ?? "";
  }

  #value(index: number | undefined): Json {
    const value = this.#record.values[index ?? -1];
    if (value === undefined) throw new BadRecord("an entry without its value");
    return value;
  }
}
