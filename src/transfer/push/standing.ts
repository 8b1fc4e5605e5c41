/** Offsets of more digits than this are no offsets. */
const RANGE = /^(?:bytes=)?0-(\d{1,15})$/;

/**
 * How many bytes an upload has, from its `Range` header; null when it does not say.
 * `0-0` means none or one, and counts as none: no piece that is sent here is that short.
 */
export function standingOf(range: string | undefined): number | null {
  const last = RANGE.exec(range?.trim() ?? "")?.[1];
  if (last === undefined) return null;
  return Number(last) === 0 ? 0 : Number(last) + 1;
}

/** The least that every piece but the last must have; 0 when the registry does not say. */
export function leastPiece(header: string | undefined): number {
  const text = header?.trim() ?? "";
  return /^\d{1,12}$/.test(text) ? Number(text) : 0;
}

/** Below this a model would be sent in too many pieces to be worth it. */
const SMALLEST_PIECE_BYTES = 64 * 1024;

/** The next smaller size after a 413; null when there is none. */
export function smallerPiece(pieceBytes: number, leastBytes: number): number | null {
  const next = Math.max(Math.floor(pieceBytes / 4), leastBytes, SMALLEST_PIECE_BYTES);
  return next < pieceBytes ? next : null;
}
