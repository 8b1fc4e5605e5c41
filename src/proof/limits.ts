const KIB = 1024;

/** Kept of each end of a stream, characters. */
export const KEPT_CHARS = 32 * KIB;

/**
 * Read beyond that at the cut, and thrown away after the redaction: a secret that the cut went through is still whole
 * here. More than the longest private key in use.
 */
export const MARGIN_BYTES = 16 * KIB;

/** What to capture of a stream so that a builder can keep and redact it. */
export const CAPTURE_BYTES = 2 * (KEPT_CHARS + MARGIN_BYTES);

/** Commands of one task. */
export const MAX_COMMANDS = 1000;

/** One word, and any other single text but output. Linux takes no longer argument. */
export const MAX_TEXT_CHARS = 128 * KIB;

/** All words of one command: what systems take. */
export const MAX_COMMAND_CHARS = 2 * KIB * KIB;

/** Changed files, reservations and the like. */
export const MAX_ENTRIES = 1000;

/** Last lines of the first failing command. */
export const BLOCKER_LINES = 20;

/** Files of a folder that is signed. */
export const MAX_SIGNED_FILES = 10_000;

/** Folders below it. */
export const MAX_SIGNED_DEPTH = 16;

/** An envelope with its ten thousand subjects, and a key. */
export const MAX_ENVELOPE_BYTES = 16 * KIB * KIB;
export const MAX_KEY_BYTES = 16 * KIB;

/** Signatures of one envelope that are tried. */
export const MAX_SIGNATURES = 16;

/** A file of facts about a task. */
export const MAX_FACTS_BYTES = 4 * KIB * KIB;
