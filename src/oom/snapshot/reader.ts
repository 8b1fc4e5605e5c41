import { PickleMachine } from "../pickle/machine.ts";
import { refuse } from "../pickle/refusal.ts";
import { PickleDict, type PickleValue } from "../pickle/values.ts";
import { EventReader } from "./event.ts";
import { Replay } from "./replay.ts";
import { DeviceSegments, deviceOf } from "./segments.ts";

/** Machines have fewer devices; each costs some memory. */
const MAX_DEVICES = 1024;

/** What is known of one device when the file ends. */
export interface DeviceState {
  readonly replay: Replay;
  readonly segments: DeviceSegments;
}

/** Reads a PyTorch memory snapshot as its bytes come, in memory that does not grow with the file. */
export class SnapshotReader {
  readonly #devices = new Map<number, DeviceState>();
  readonly #events = new EventReader();
  readonly #machine = new PickleMachine({
    segment: (item) => this.#segment(item),
    traceEntry: (item, trace) => this.#entry(item, trace),
  });
  #odd = 0;

  /** Throws `PickleRefusal`. */
  push(bytes: Uint8Array): void {
    this.#machine.push(bytes);
  }

  /** Throws `PickleRefusal` for what is cut short or no snapshot. */
  end(): { readonly devices: ReadonlyMap<number, DeviceState>; readonly oddItems: number } {
    const root = this.#machine.end();
    const isSnapshot =
      root instanceof PickleDict && (root.get("segments") ?? root.get("device_traces")) !== undefined;
    const isList = !(root instanceof PickleDict) && this.#devices.size > 0;
    if (!isSnapshot && !isList) refuse("not-a-pickle", "it is a pickle, and holds no memory snapshot");
    return { devices: this.#devices, oddItems: this.#odd };
  }

  #segment(item: PickleValue): void {
    if (item instanceof PickleDict && item.get("total_size") !== undefined)
      this.#device(deviceOf(item)).segments.add(item);
    else this.#odd += 1;
  }

  #entry(item: PickleValue, trace: number): void {
    const event = this.#events.read(item);
    if (event === null) this.#odd += 1;
    else this.#device(trace).replay.apply(event);
  }

  #device(number: number): DeviceState {
    let state = this.#devices.get(number);
    if (state === undefined) {
      if (this.#devices.size >= MAX_DEVICES) refuse("too-large", `it has more than ${MAX_DEVICES} devices`);
      state = { replay: new Replay(), segments: new DeviceSegments() };
      this.#devices.set(number, state);
    }
    return state;
  }
}
