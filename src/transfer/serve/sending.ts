import type { OpenFile } from "../../world/files.ts";

/** Counts the files that are being sent, so that work in the background can give way to them. */
export class Sending {
  #files = 0;

  get isBusy(): boolean {
    return this.#files > 0;
  }

  /** The same file; it counts as being sent until it is closed. */
  count(file: OpenFile): OpenFile {
    this.#files += 1;
    let isOpen = true;
    return {
      facts: () => file.facts(),
      readAt: (buffer, offsetBytes) => file.readAt(buffer, offsetBytes),
      writeAt: (data, offsetBytes) => file.writeAt(data, offsetBytes),
      copyFrom: (from, options) => file.copyFrom(from, options),
      takeRange: (from, offsetBytes, sizeBytes) => file.takeRange(from, offsetBytes, sizeBytes),
      rewrite: (offsetBytes, sizeBytes) => file.rewrite(offsetBytes, sizeBytes),
      reserve: (sizeBytes) => file.reserve(sizeBytes),
      setMode: (mode) => file.setMode(mode),
      truncate: (sizeBytes) => file.truncate(sizeBytes),
      sync: () => file.sync(),
      close: async () => {
        if (isOpen) this.#files -= 1;
        isOpen = false;
        await file.close();
      },
    };
  }
}
