// What can go wrong in the simulated world, and what of it a transfer must survive.
//
//   survived by trying again      refused, dns, unreachable, silent, reset, cut, stall, busy, wait, limit, short, slow,
//                                 garbage, partition: a source that fails now and then still gives the whole
//   survived by other means       etag (the blob starts again), whole (it comes in one piece), flip and other (the digest
//                                 says so: fetched again, from another source where there is one)
//   survived with another source  death, and flip or other without end
//   ends the transfer cleanly     full, read, write and sync errors: nothing wrong is ever shown, what came is kept or
//                                 cleared away, and a later run goes on
//   survived by the next run      kill (the system lives on) and crash (any subset of what was not synced is lost)
//
// What no run may do, whatever happens: show a tag whose blobs are missing or wrong, or leave an obligation open.

/** Faults of one request, in the order of their numbers as choices: 1 is the first. */
export const NET_FAULTS = [
  "refused",
  "dns",
  "unreachable",
  /** The head never comes. */
  "silent",
  /** Cut before the head. */
  "reset",
  /** Cut within the body. */
  "cut",
  /** The body stands still, for ever. */
  "stall",
  /** Some bytes of the body are others. */
  "flip",
  /** The whole body is of another file. */
  "other",
  /** 503. */
  "busy",
  /** 503 with Retry-After. */
  "wait",
  /** 429 with Retry-After. */
  "limit",
  /** The body ends early, and its Content-Length agrees. */
  "short",
  /** A Content-Length that the body does not have. */
  "length",
  /** Another ETag from now on. */
  "etag",
  /** Ranges are ignored. */
  "whole",
  /** Each piece takes long. */
  "slow",
  /** No HTTP. */
  "garbage",
  /** Nobody reaches this host for a while. */
  "partition",
  /** This host never answers again. */
  "death",
] as const;
export type NetFault = (typeof NET_FAULTS)[number];

export const DISK_FAULTS = ["read", "write", "sync", "full"] as const;
export type DiskFault = (typeof DISK_FAULTS)[number];

/** Kinds of choices. A choice of 0 is always the harmless one. */
export const CHOICES = [
  /** Which of several calls comes first. */
  "order",
  "random",
  "net",
  /** Where in a body, or for how long. */
  "place",
  "disk-read",
  "disk-write",
  "disk-sync",
  /** After how many steps the machine stops, or one process. */
  "crash",
  "kill",
  /** What a crash leaves of a file's writes, and of names. */
  "crash-data",
  "crash-write",
  "crash-names",
  "crash-name",
  /** In what order a folder tells its names. */
  "listing",
  /** What a scenario leaves open: who does what, and in which order. */
  "story",
] as const;
export type ChoiceKind = (typeof CHOICES)[number];

/** How likely each fault is, from 0 to 1, for each request or call of the disk that it could hit. */
export interface FaultPlan {
  readonly net: Readonly<Partial<Record<NetFault, number>>>;
  readonly disk: Readonly<Partial<Record<DiskFault, number>>>;
}

export const NO_FAULTS: FaultPlan = { net: {}, disk: {} };

/** A network as people know it: most requests work. */
export const ROUGH_NET: FaultPlan["net"] = {
  ...{ refused: 0.01, dns: 0.003, unreachable: 0.003, silent: 0.004, reset: 0.01, cut: 0.03, stall: 0.004 },
  ...{ busy: 0.01, wait: 0.004, limit: 0.004, slow: 0.02, garbage: 0.003, partition: 0.002 },
};

/** Servers that lie, change and forget besides. */
export const LYING_NET: FaultPlan["net"] = {
  ...ROUGH_NET,
  ...{ flip: 0.01, other: 0.004, short: 0.01, length: 0.01, etag: 0.002, whole: 0.004, death: 0.001 },
};
