const MAX_FRAMES = 128;
const MAX_FRAME_CHARACTERS = 400;

/** Text before a message in which its traceback is looked for, characters. */
const LOOK_BACK = 64 * 1024;

const PYTHON_HEAD = "Traceback (most recent call last):";
const PYTHON_FRAME = /^ {2}File "([^"\n]{1,1000})", line (\d{1,9}), in ([^\n]{1,400})$/gm;

/** V8's own stack, printed after the message, the innermost frame first. */
const NATIVE_HEAD = /^----- Native stack trace -----$/m;
const NATIVE_FRAME = /^ {0,3}\d{1,3}: 0x[0-9a-f]{1,16} ([^\n]{0,1000})$/gm;

/**
 * The stack that belongs to a message at `offset` of a log, the outermost frame first: the last Python traceback before
 * it, or the native stack that Node prints after it. Null where there is none.
 */
export function stackAround(text: string, offset: number): string[] | null {
  return pythonBefore(text, offset) ?? nativeAfter(text, offset);
}

function pythonBefore(text: string, offset: number): string[] | null {
  const before = text.slice(Math.max(0, offset - LOOK_BACK), offset);
  const head = before.lastIndexOf(PYTHON_HEAD);
  if (head === -1) return null;
  const frames = [...before.slice(head).matchAll(PYTHON_FRAME)].map(
    ([, file, line, name]) => `${file}:${line} ${name}`,
  );
  return kept(frames);
}

function nativeAfter(text: string, offset: number): string[] | null {
  const after = text.slice(offset, offset + LOOK_BACK);
  const head = NATIVE_HEAD.exec(after);
  if (head === null) return null;
  const frames = [...after.slice(head.index).matchAll(NATIVE_FRAME)].map(([, symbol]) =>
    (symbol ?? "").trim(),
  );
  return kept(frames.filter((frame) => frame !== "").reverse());
}

/** The innermost ones tell most. */
function kept(frames: readonly string[]): string[] | null {
  if (frames.length === 0) return null;
  return frames.slice(-MAX_FRAMES).map((frame) => frame.slice(0, MAX_FRAME_CHARACTERS));
}
