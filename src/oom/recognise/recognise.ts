import { kernelRules } from "./kernel.ts";
import { llamaRules } from "./llama.ts";
import { nativeRules } from "./native.ts";
import { pytorchRules } from "./pytorch.ts";
import { runtimeRules } from "./runtimes.ts";
import { serverRules } from "./servers.ts";
import type { Recognised, Rule } from "./types.ts";

const RULES: readonly Rule[] = [
  ...pytorchRules,
  ...llamaRules,
  ...serverRules,
  ...runtimeRules,
  ...nativeRules,
  ...kernelRules,
];

/** What any of these messages holds, in any case. A text without it needs no closer look. */
const HINT =
  /out of memory|outofmemory|memoryerror|bad_alloc|allocate|memory alloc|alloc\w* failed|memory exhausted|insufficient memory|cannot alloc|memory for the cache|on startup is less|more system memory|kv cache is needed|oom.kill/i;

const MAX_TEXT_CHARS = 500;
const LOOK_BACK_CHARS = 8192;
/** A log may repeat its message for ever: the first and the last ones tell enough. */
const MAX_PER_RULE = 1000;

/** True when `text` may hold an out-of-memory message; false only when it does not. */
export function mayHoldOom(text: string): boolean {
  return HINT.test(text);
}

/**
 * Every known out-of-memory message in a text, in its order. Pure. A place that two rules read counts once, for the
 * one that begins first and is longest. Bytes are whole: a MiB is 2^20.
 */
export function recognise(text: string): Recognised[] {
  if (!mayHoldOom(text)) return [];
  const found = RULES.flatMap((rule) => matchesOf(rule, text));
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Recognised[] = [];
  let end = -1;
  for (const match of found) {
    if (match.start < end) continue;
    kept.push(match.recognised);
    end = match.end;
  }
  return kept;
}

interface Match {
  readonly start: number;
  readonly end: number;
  readonly recognised: Recognised;
}

function matchesOf({ tool, killer, pattern, read, when }: Rule, text: string): Match[] {
  const matches: Match[] = [];
  for (const match of text.matchAll(pattern)) {
    if (matches.length >= MAX_PER_RULE) break;
    if (when?.(match) === false) continue;
    const start = match.index;
    const before = text.slice(Math.max(0, start - LOOK_BACK_CHARS), start);
    const recognised: Recognised = {
      ...{ tool, killer, text: match[0].slice(0, MAX_TEXT_CHARS), offset: start },
      ...read?.(match, before),
    };
    matches.push({ start, end: start + match[0].length, recognised });
  }
  return matches;
}
