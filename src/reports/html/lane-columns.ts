import { type JsonObject } from "../../base/json.ts";
import type { LanesPicture } from "./pictures.ts";

/** An event of a trace, as any trace has it. */
export interface SeenEvent {
  readonly time_ns: number | bigint;
  readonly kind: string;
  readonly data: JsonObject | null;
}

/** More different texts than this are only told by their kind. */
const MAX_TEXTS = 20_000;
const MAX_LANES = 4000;
const MAX_TEXT_CHARS = 300;

/** What begins with one event and ends with another, by the field that names it. */
const BEGINS: Readonly<Record<string, string>> = {
  spawn: "task",
  path_chosen: "attempt",
  reserve: "id",
  region_created: "region",
};
const ENDS: Readonly<Record<string, string>> = {
  complete: "task",
  path_done: "attempt",
  path_failed: "attempt",
  race_lost: "attempt",
  commit: "id",
  abort: "id",
  region_close_complete: "region",
};

/** Collects events as the columns of a picture of lanes. What begins and ends becomes one span. */
export class LaneColumns {
  readonly #lanes = new Map<string, number>();
  readonly #kinds = new Map<string, number>();
  readonly #texts = new Map<string, number>([["", 0]]);
  readonly #open = new Map<string, number>();
  #size = 0;
  #time = new Float64Array(1024);
  #duration = new Float64Array(1024);
  #lane = new Uint32Array(1024);
  #kind = new Uint16Array(1024);
  #text = new Uint32Array(1024);

  get size(): number {
    return this.#size;
  }

  add(event: SeenEvent): void {
    const { data, kind } = event;
    const timeNs = Number(event.time_ns);
    const ends = ENDS[kind];
    if (ends !== undefined) {
      const key = keyOf(ends, data);
      const from = this.#open.get(key);
      if (from !== undefined) {
        this.#open.delete(key);
        this.#duration[from] = timeNs - (this.#time[from] ?? 0);
      }
    }
    const begins = BEGINS[kind];
    if (begins !== undefined) this.#open.set(keyOf(begins, data), this.#size);
    this.#push(timeNs, laneOf(kind, data), kind, data);
  }

  picture(title: string, summary: string, marks: LanesPicture["marks"]): LanesPicture {
    const upto = this.#size;
    return {
      ...{ kind: "lanes", title, summary, marks },
      lanes: [...this.#lanes.keys()],
      kinds: [...this.#kinds.keys()],
      texts: [...this.#texts.keys()],
      timeNs: this.#time.slice(0, upto),
      durationNs: this.#duration.slice(0, upto),
      lane: this.#lane.slice(0, upto),
      eventKind: this.#kind.slice(0, upto),
      text: this.#text.slice(0, upto),
    };
  }

  #push(timeNs: number, lane: string, kind: string, data: JsonObject | null): void {
    if (this.#size === this.#time.length) this.#grow();
    const at = this.#size;
    // A trace is in order; one that is not is shown as if it were, since it is sorted by what the viewer searches.
    this.#time[at] = Math.max(timeNs, at === 0 ? timeNs : (this.#time[at - 1] ?? 0));
    this.#lane[at] = numberOf(this.#lanes, lane, MAX_LANES);
    this.#kind[at] = numberOf(this.#kinds, kind, 65_000);
    this.#text[at] = this.#textOf(data);
    this.#size += 1;
  }

  #textOf(data: JsonObject | null): number {
    if (data === null) return 0;
    const text = Object.entries(data)
      .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(", ")
      .slice(0, MAX_TEXT_CHARS);
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    return this.#texts.size >= MAX_TEXTS ? 0 : numberOf(this.#texts, text, MAX_TEXTS);
  }

  #grow(): void {
    const size = 2 * this.#time.length;
    const larger = <T extends Float64Array | Uint32Array | Uint16Array>(made: T, old: T): T => {
      made.set(old);
      return made;
    };
    this.#time = larger(new Float64Array(size), this.#time);
    this.#duration = larger(new Float64Array(size), this.#duration);
    this.#lane = larger(new Uint32Array(size), this.#lane);
    this.#kind = larger(new Uint16Array(size), this.#kind);
    this.#text = larger(new Uint32Array(size), this.#text);
  }
}

/** Whatever comes after the last number that there is shares it. */
function numberOf(map: Map<string, number>, key: string, most: number): number {
  const known = map.get(key);
  if (known !== undefined) return known;
  const number = Math.min(map.size, most - 1);
  if (map.size < most) map.set(key, number);
  return number;
}

function keyOf(field: string, data: JsonObject | null): string {
  const value = data?.[field];
  return `${field} ${typeof value === "string" ? value : JSON.stringify(value ?? null)}`;
}

function laneOf(kind: string, data: JsonObject | null): string {
  const text = (field: string): string | null => {
    const value = data?.[field];
    return typeof value === "string" ? value.slice(0, MAX_TEXT_CHARS) : null;
  };
  const path = text("path");
  if (path !== null && kind !== "exposed") return `source ${path}`;
  const task = text("task");
  if (task !== null) return `task ${task}`;
  if (text("region") !== null) return "regions";
  if (kind === "checkpoint" || kind === "journal_opened") return "journal";
  if (kind === "reserve" || kind === "commit" || kind === "abort") return "held";
  return kind === "message" ? "messages" : "store";
}
