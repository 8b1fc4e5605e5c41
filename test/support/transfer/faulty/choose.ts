import type { Asked, Fault, SeenRequest } from "./types.ts";

/** Counts what each fault has hit, and says which one hits a request. */
export class FaultScript {
  readonly #faults: readonly {
    readonly fault: Fault;
    seen: number;
    hits: number;
    readonly starts: Set<string>;
  }[];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults.map((fault) => ({ fault, seen: 0, hits: 0, starts: new Set() }));
  }

  /** The first fault that is due for this request; each that it matches counts it. */
  next(request: SeenRequest, asked: Asked): Fault | null {
    let chosen: Fault | null = null;
    for (const entry of this.#faults) {
      const { fault, starts } = entry;
      if (!matches(fault, request, asked)) continue;
      entry.seen++;
      const key = `${asked.path} ${asked.range?.start ?? 0}`;
      const due =
        entry.seen >= (fault.from ?? 1) &&
        entry.hits < (fault.times ?? Number.POSITIVE_INFINITY) &&
        !(fault.oncePerRange === true && starts.has(key));
      if (!due || chosen !== null) continue;
      entry.hits++;
      starts.add(key);
      chosen = fault;
    }
    return chosen;
  }
}

function matches(fault: Fault, { method }: SeenRequest, asked: Asked): boolean {
  const manifest = asked.path.includes("/manifests/");
  // A config blob is fetched as a whole, too small for a fault at a place in it.
  if (fault.does.kind === "wrong-byte" && !holds(asked, fault.does.at)) return false;
  if (fault.path !== undefined && !asked.path.includes(fault.path)) return false;
  switch (fault.to) {
    case "any":
      return true;
    case "manifest":
      return manifest;
    case "head":
      return method === "HEAD" && !manifest;
    case "content":
      return method === "GET" && !manifest;
    case "ranges":
      return method === "GET" && !manifest && asked.range !== null;
  }
}

function holds({ range, content }: Asked, at: number): boolean {
  return at >= (range?.start ?? 0) && at < (range?.end ?? content.bytes.length);
}
