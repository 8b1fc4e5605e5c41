/** A part of a tag: 1 to 80 characters, the first a letter or digit, so that `.` and `..` never reach a path. */
const TAG_PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** True for `name` or `name:tag` in apr's strict grammar. */
export function isStrictTag(tag: string): boolean {
  const parts = tag.split(":");
  return parts.length <= 2 && parts.every((part) => TAG_PART.test(part));
}
