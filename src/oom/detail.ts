/** One operation on memory, as a tool recorded it. */
export interface OomOp {
  readonly op: string;
  /** Whole, ≥ 0. */
  readonly bytes: number;
  /** Nanoseconds on the source's own clock; whole, and never less than the operation's before. */
  readonly ts_ns: number;
}

/** A point of a memory curve. */
export interface CurvePoint {
  /** Milliseconds since the source's own start. */
  readonly t_ms: number;
  readonly bytes: number;
  /** What is counted, such as `resident` or `cuda:0 allocated`. */
  readonly series: string;
}

/**
 * What one source knows of an out-of-memory: a snapshot, a runtime's report, a log, apr's own samples. What a source
 * does not know it leaves out. Bytes are whole numbers.
 */
export interface OomDetail {
  /** From where, such as `pytorch snapshot oom-17.pickle`. It stands in the report's provenance. */
  readonly source: string;
  /** `observed` unless it says otherwise: what the source worked out, such as a peak from replayed events. */
  readonly derived?: readonly (keyof OomDetail)[];
  readonly peakAllocatedBytes?: number;
  readonly peakReservedBytes?: number;
  /** Outermost frame first. */
  readonly largestAllocStack?: readonly string[];
  /** Size bucket → count. */
  readonly histogram?: Readonly<Record<string, number>>;
  /** In the order of time; of more than 100 the last ones count. */
  readonly lastOps?: readonly OomOp[];
  readonly curve?: readonly CurvePoint[];
  readonly requestedBytes?: number;
  readonly freeBytes?: number;
  readonly totalBytes?: number;
  readonly limitBytes?: number;
  /** Findings for a person, one line each. */
  readonly notes: readonly string[];
}
