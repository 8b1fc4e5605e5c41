import { PickleDict, type PickleList, type PickleValue } from "../pickle/values.ts";

/** Frames of one stack that are kept: the innermost ones tell most. */
const MAX_FRAMES = 128;

/** Characters of one name. C++ templates have names of any length. */
const MAX_CHARACTERS = 400;

/** What stands for a block without a stack. */
const NO_STACK: readonly string[] = ["(no stack recorded)"];

/** A stack's frames as `file:line function`, the outermost first: snapshots have them the other way round. */
export function stackText(frames: PickleList | null): readonly string[] {
  if (frames === null || frames.items.length === 0) return NO_STACK;
  return frames.items.slice(0, MAX_FRAMES).map(frameText).reverse();
}

function frameText(frame: PickleValue): string {
  if (!(frame instanceof PickleDict)) return "(unknown frame)";
  const text = (key: string): string => {
    const value = frame.get(key);
    return typeof value === "string" ? value.slice(0, MAX_CHARACTERS) : "";
  };
  const line = frame.get("line");
  const file = text("filename");
  const place =
    file === "" || file === "??" ? "" : `${file}${typeof line === "number" && line > 0 ? `:${line}` : ""} `;
  return `${place}${text("name")}`.trim() || "(unknown frame)";
}
