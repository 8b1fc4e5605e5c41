import type koffi from "koffi";

// The bridge to native libraries for the probe program, and the clock that ends it when a library hangs.

/** A step of the probe that failed, with the library's own code. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";
  readonly stage: string;
  readonly code: number;
  constructor(stage: string, code: number, message: string) {
    super(message);
    this.stage = stage;
    this.code = code;
  }
}

/** A native function: numbers, and buffers where C has pointers. Returns C's result. */
export type Native = (...args: (number | bigint | Uint8Array | null)[]) => number;

export interface Library {
  /** Throws ProbeError where the library has no such function. */
  func(prototype: string): Native;
  /** Null where the library has no such function. */
  tryFunc(prototype: string): Native | null;
}

/** Loads a library by its name as programs do, or else by its path. */
export async function loadLibrary(path: string): Promise<Library> {
  const native = await bridge();
  const name = path.slice(path.lastIndexOf("/") + 1);
  let loaded: ReturnType<typeof native.load>;
  try {
    loaded = native.load(name);
  } catch {
    try {
      loaded = native.load(path);
    } catch (error) {
      throw new ProbeError("load", 0, error instanceof Error ? error.message : String(error));
    }
  }
  const tryFunc = (prototype: string): Native | null => {
    try {
      return loaded.func(prototype) as Native;
    } catch {
      return null;
    }
  };
  return {
    tryFunc,
    func(prototype) {
      const found = tryFunc(prototype);
      if (found === null) throw new ProbeError("symbol", 0, `${name} has no ${prototype}`);
      return found;
    },
  };
}

/**
 * Has the kernel end this process after so many seconds, however deep it hangs in a library. Every call begins anew;
 * 0 takes it away. Nothing where there is no such call.
 */
export async function alarmAfter(): Promise<(seconds: number) => void> {
  const native = await bridge();
  try {
    const alarm = native.load("libc.so.6").func("uint alarm(uint seconds)") as (seconds: number) => number;
    return (seconds) => void alarm(seconds);
  } catch {
    return () => undefined;
  }
}

async function bridge(): Promise<typeof koffi> {
  try {
    return (await import("koffi")).default;
  } catch (error) {
    throw new ProbeError("bridge", 0, error instanceof Error ? error.message : String(error));
  }
}
