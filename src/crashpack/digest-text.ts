import { SUMS } from "./names.ts";
import { Lines } from "./text-lines.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** The text of `journal.digest`. */
export function journalDigestText(hex: string, sizeBytes: number): string {
  return `digest: sha256:${hex}\nbytes: ${sizeBytes}\n`;
}

/** The text of `SHA256SUMS`, as `sha256sum -c` reads it: sorted by name. No name needs its escapes. */
export function sumsText(sums: ReadonlyMap<string, string>): string {
  return [...sums]
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([name, hex]) => `${hex}  ${name}\n`)
    .join("");
}

/** Digests in lower-case hex by name. Throws BadText for what is not just as it is written. */
export function readSums(text: string): ReadonlyMap<string, string> {
  const lines = new Lines(text);
  const sums = new Map<string, string>();
  let last = "";
  while (!lines.ended) {
    const parts = /^([0-9a-f]{64}) {2}(.+)$/u.exec(lines.take(""));
    const [, hex = "", name = ""] = parts ?? [];
    if (parts === null || name === SUMS) throw lines.badBefore("is no digest, two spaces and a name");
    if (sums.size > 0 && compareUtf8(last, name) >= 0) throw lines.badBefore("is out of order");
    sums.set(name, hex);
    last = name;
  }
  return sums;
}
