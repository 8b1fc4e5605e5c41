import { isUtf8 } from "node:buffer";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A string of a file, decoded. `exact` is false when it is not UTF-8: then its text has replacement characters. */
export interface Decoded {
  readonly text: string;
  readonly exact: boolean;
}

export function decode(bytes: Uint8Array): Decoded {
  return { text: decoder.decode(bytes), exact: isUtf8(bytes) };
}
