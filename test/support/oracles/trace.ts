import type { TransferEventKind, TransferEvents } from "../../../src/evidence/transfer-events.ts";

/** An event without its number and time. */
export type Step = {
  readonly [Kind in TransferEventKind]: readonly [Kind, TransferEvents[Kind]];
}[TransferEventKind];

export interface TestEvent {
  readonly version: 1;
  readonly seq: number;
  readonly time_ns: number;
  readonly kind: string;
  readonly data: object;
}

/** Steps as a trace: numbered from 1, a microsecond apart. */
export function traceOf(steps: readonly Step[]): TestEvent[] {
  return steps.map(([kind, data], index) => ({
    ...{ version: 1, seq: index + 1, time_ns: index * 1000, kind },
    data,
  }));
}

/** A digest that a test can read: `sha256:` and the character 64 times. */
export function digest(character: string): string {
  return `sha256:${character.repeat(64)}`;
}

/** The shortest pull that passes: one blob of one chunk. */
export function smallPull(): Step[] {
  const [blob, chunk, path] = ["blob", "blob#0", "host"];
  const attempt = { attempt: "a1", chunk, path };
  return [
    ["manifest", { expected: digest("e"), actual: digest("e") }],
    ["journal_opened", { next: 1, head: "0" }],
    ["reserve", { id: "temp-1", what: "temp", of: blob }],
    ["checkpoint", { seq: 1, prev: "0", hash: "h1" }],
    ["region_created", { region: "fetch" }],
    ["spawn", { task: "fetch/1", region: "fetch" }],
    ["region_close_begin", { region: "fetch" }],
    ["reserve", { id: "chunk-1", what: "chunk", of: chunk }],
    ["path_chosen", attempt],
    ["path_done", attempt],
    ["commit", { id: "chunk-1" }],
    ["checkpoint", { seq: 2, prev: "h1", hash: "h2" }],
    ["hashed", { blob, expected: digest("b"), actual: digest("b") }],
    ["complete", { task: "fetch/1", outcome: "ok" }],
    ["region_close_complete", { region: "fetch" }],
    ["exposed", { what: "blob", name: blob, digest: digest("b") }],
    ["commit", { id: "temp-1" }],
    ["proof", { blob, digest: digest("b") }],
    ["exposed", { what: "manifest", name: "manifest", digest: digest("e") }],
    ["published", { digest: digest("e") }],
  ];
}
