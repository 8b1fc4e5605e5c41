const MIB = 1024 * 1024;

/** As many as a trace buffer holds. */
export const MAX_EVENTS = 2_000_000;

/** JSON text of one event: a string of 10 MiB fits however it is escaped. */
export const MAX_EVENT_BYTES = 64 * MIB;

/** What is held in memory whole: journal, manifest, ledger, script, and each further file. */
export const MAX_TEXT_BYTES = 128 * MIB;

/** Files of a pack, its own ten included. */
export const MAX_FILES = 1000;

/** All files of a pack together: a larger one is no record of one failure. */
export const MAX_PACK_BYTES = 2 * 1024 * MIB;

/** A run has some dozen gates; a sweep packs each failure alone. */
export const MAX_RESULTS = 10_000;

/** An artifact's whole name in UTF-8: it fits the name field of a tar header. */
export const MAX_NAME_BYTES = 100;

/** Folders below the pack's own. */
export const MAX_NAME_PARTS = 4;

/** Packs that one folder is searched for. */
export const MAX_PACKS_LISTED = 10_000;
