/** Top-level keys of an out-of-memory report, in the order in which they are checked. Source: seed 000. */
export const OOM_REPORT_REQUIRED_KEYS = [
  "peak_allocated_bytes",
  "peak_reserved_bytes",
  "largest_alloc_stack",
  "tensor_histogram",
  "last_100_ops",
  "exit_code",
  "timestamp",
] as const;

/** A report must be smaller than this, in bytes: 10 MiB. */
export const OOM_REPORT_MAX_SIZE_BYTES: number = 10 * 1024 * 1024;

/** `last_100_ops` holds at most this many entries. */
export const OOM_REPORT_MAX_OPS = 100;

const BREADCRUMB_PREFIX = "OOM_REPORT path=";

/**
 * What follows the prefix on each breadcrumb line of `stderr`, in order.
 * Lines end at a line feed; one carriage return before it is dropped.
 */
export function breadcrumbPaths(stderr: string): readonly string[] {
  const paths: string[] = [];
  let at = stderr.indexOf(BREADCRUMB_PREFIX);
  while (at !== -1) {
    const start = at + BREADCRUMB_PREFIX.length;
    const feed = stderr.indexOf("\n", start);
    const end = feed === -1 ? stderr.length : feed;
    if (at === 0 || stderr[at - 1] === "\n") {
      const hasReturn = feed !== -1 && end > start && stderr[end - 1] === "\r";
      paths.push(stderr.slice(start, hasReturn ? end - 1 : end));
    }
    at = stderr.indexOf(BREADCRUMB_PREFIX, end);
  }
  return paths;
}
