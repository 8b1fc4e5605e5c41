import { splitWords } from "../base/shellwords.ts";
import type { Finding } from "./finding.ts";
import { TOOL_NAMES, wordFindings } from "./words.ts";

const TOOL = new RegExp(String.raw`(?<![\w.-])(?:${TOOL_NAMES.join("|")})(?![\w.-])[^\n]{0,8000}`, "g");

/** Secrets in the flags of commands that a text shows: `+ mysql -pX`, or a script that is one word of a command. */
export function commandFindings(text: string): Finding[] {
  return Array.from(text.matchAll(TOOL)).flatMap(({ 0: line, index }) => {
    const words = wordsOf(line);
    return wordFindings(words).map((finding): Finding => {
      const { kind, secrets } = finding;
      const value = (words[finding.word] ?? "").slice(finding.start);
      const at = line.indexOf(value, 1);
      // In quotes it is written otherwise than it is: then all of the command goes.
      if (value.includes("\n") || at === -1) return { start: index, end: index + line.length, kind, secrets };
      return { start: index + at, end: index + at + value.length, kind, secrets };
    });
  });
}

function wordsOf(line: string): string[] {
  try {
    return splitWords(line);
  } catch {
    return line.split(/\s+/);
  }
}
