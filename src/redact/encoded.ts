import { percentDecoded } from "./secrets.ts";
import { type Finding, merged, replaced } from "./finding.ts";

const RUN = /[^\s"'<>]+/g;
const PERCENT = /%[0-9A-Fa-f]{2}/;

/** Lines of full length and a last one. */
const BASE64_RUN = /(?:[A-Za-z0-9+/]{60,}\r?\n)*[A-Za-z0-9+/_-]{8,}={0,2}/g;

/** Text in what was decoded; what was no base64 decodes to noise, which is not worth a look. */
const READABLE = /[^\p{Cc}\p{Co}\p{Cn}\ufffd]{8,}(?:[\r\n\t]+[^\p{Cc}\p{Co}\p{Cn}\ufffd]+)*/gu;

type Look = (text: string) => readonly Finding[];

/** How to look at a text. */
export interface Looks {
  /** For everything, through the layers that are left. */
  readonly all: Look;
  /** For what is there without any decoding. */
  readonly plain: Look;
  /** For known values only. */
  readonly known: Look;
}

/** Secrets behind one layer of URL encoding or base64. */
export function encodedFindings(text: string, looks: Looks): Finding[] {
  return [...urlFindings(text, looks), ...base64Findings(text, looks)];
}

function urlFindings(text: string, { all: look, plain: lookPlain }: Looks): Finding[] {
  return Array.from(text.matchAll(RUN)).flatMap(({ 0: run, index }) => {
    if (!PERCENT.test(run)) return [];
    const plain = percentDecoded(run);
    const spaced = percentDecoded(run.replaceAll("+", " "));
    const findings = [...look(plain), ...(spaced === plain ? [] : look(spaced))];
    if (findings.length === 0) return [];
    // What stands there as it is, is found without this: then the rest of the address can stay.
    const rest = percentDecoded(replaced(run, merged(lookPlain(run))));
    const hidden = [...look(rest), ...look(rest.replaceAll("+", " "))];
    if (hidden.length === 0) return [];
    const secrets = findings.flatMap((finding) => finding.secrets);
    return [{ start: index, end: index + run.length, kind: "url-encoded", secrets }];
  });
}

function base64Findings(text: string, { all, known }: Looks): Finding[] {
  return Array.from(text.matchAll(BASE64_RUN)).flatMap(({ 0: run, index }) => {
    const digits = run.replaceAll(/\s/g, "");
    // What stands before it may belong to the alphabet too, such as the slash of a path.
    const findings = [0, 1, 2, 3].flatMap((skip) => {
      const decoded = Buffer.from(digits.slice(skip), "base64").toString("utf8");
      const plain = readable(decoded);
      return [...known(decoded), ...(plain === "" ? [] : all(plain))];
    });
    if (findings.length === 0) return [];
    const secrets = findings.flatMap((finding) => finding.secrets);
    return [{ start: index, end: index + run.length, kind: "base64", secrets }];
  });
}

function readable(text: string): string {
  return (text.match(READABLE) ?? []).join("\0\n");
}
