/** The largest file that is read, bytes: 4 GiB. Snapshots are as long as the history that was asked for. */
export const MAX_PICKLE_BYTES: number = 4 * 1024 ** 3;

/** One string, bytes. The longest known are names of C++ templates and notes of compilers. */
export const MAX_STRING_BYTES: number = 1024 * 1024;

/** Containers in containers. A snapshot has seven. */
export const MAX_DEPTH = 64;

/** Numbers in the memo: one for each container and string of a file of 4 GiB. */
export const MAX_MEMO_ENTRIES: number = 128 * 1024 * 1024;

/** Memory for all values that are held at one time, in units of 8 bytes: 512 MiB. */
export const MAX_HELD_UNITS: number = 64 * 1024 * 1024;

/** What a container costs besides its items, in units. */
export const CONTAINER_UNITS = 14;

/**
 * Values that lie on the stack at one time. Python's pickler puts at most a thousand items there; PyTorch's own puts
 * all of a segment's blocks there.
 */
export const MAX_STACK_VALUES: number = 1024 * 1024;
