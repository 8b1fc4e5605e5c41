// Limits of a transfer, each with its reason.

const MIB = 1024 * 1024;

/** A killed transfer loses the chunks that were on their way: 8 of 2 MiB are less than 1 % of 2 GiB. */
export const SMALL_CHUNK_BYTES: number = 2 * MIB;
/** Larger blobs get larger chunks, so that journal and trace stay small. */
export const LARGE_CHUNK_BYTES: number = 8 * MIB;
/** From here on the larger ones; in between, 4 MiB. */
export const LARGE_BLOB_BYTES: number = 32 * 1024 * MIB;
export const MEDIUM_BLOB_BYTES: number = 16 * 1024 * MIB;
/** Chunks of one blob: 8 TiB in chunks of 8 MiB; those of larger ones are larger. */
export const MAX_CHUNKS = 1_048_576;

/**
 * What may be on its way to the medium and not yet there: a power cut loses at most this much. Eight connections may
 * each bring one of the largest chunks while the half of it is synced: with less, they would all wait for the disk.
 */
export const MAX_UNSYNCED_BYTES: number = 64 * MIB;

/** Connections to the only source of a transfer; to each one of several. */
export const WORKERS_ALONE = 8;
export const WORKERS_EACH = 4;
/** More sources than this gain nothing. */
export const MAX_PATHS = 8;

/** Blobs that are open at the same time. */
export const OPEN_BLOBS = 4;

/** Failures in a row until a source is given up: about 12 seconds of rest. */
export const DEFAULT_RETRIES = 6;
/** In each stall time a chunk must come on by at least as much. */
export const MIN_PROGRESS_BYTES = 1024;
/** Waiting times between failures: the first, and the longest. */
export const FIRST_BACKOFF_MS = 200;
export const MAX_BACKOFF_MS = 30_000;
/** A Retry-After of this or more is a refusal. */
export const MAX_RETRY_AFTER_MS = 600_000;

/** An idle source looks this often whether it could win a race. */
export const RACE_LOOK_MS = 50;
/** A config of a few hundred bytes comes in a moment: by its time every other chunk would be raced at once. */
export const MIN_TIMED_BYTES: number = 256 * 1024;
/** A chunk is raced when it takes this many times as long as the idle source usually needs. */
export const RACE_FACTOR = 2;

/** A blob whose source changes this often is not fetched. */
export const MAX_RESTARTS = 3;
/** A chunk that is wrong this often from its only source. */
export const MAX_STRIKES = 3;

/** What nobody tells the size of may be this large. */
export const MAX_UNKNOWN_BYTES: number = 1024 * 1024 * MIB;

/** Chunks of a journal: 40 GB make 5,000 records of about 250 bytes. */
export const MAX_JOURNAL_BYTES: number = 64 * MIB;
export const MAX_JOURNAL_LINE = 16 * 1024;
/**
 * So many records of chunks are written at once: a kill costs at most two chunks more than those on their way, and
 * that is less than 1 % of 2 GiB too. After so long without a write each is written by itself.
 */
export const JOURNAL_RECORDS = 3;
export const JOURNAL_MS = 250;

/** How often a transfer shows that it lives, and after what silence another machine may take it over. */
export const HEARTBEAT_MS = 10_000;
export const SILENCE_MS = 60_000;
/** How often one that waits for another process looks again. */
export const WAIT_LOOK_MS = 250;

/** Up to here a file is hashed in this thread: starting another one takes as long. */
export const HASH_HERE_BYTES: number = 32 * MIB;
/** Stopped by a person before this much has come, nothing is kept: less than a power cut may cost. */
export const KEEP_BYTES: number = 16 * MIB;
