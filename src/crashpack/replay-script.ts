import { shellQuote } from "../base/shellwords.ts";
import { JOURNAL_DIGEST, LEDGER, MANIFEST, PATH_LOG, QUIC_LOG, REPAIR_LOG, TRACE } from "./names.ts";
import type { PackFacts } from "./types.ts";
import { sortedPairs } from "./utf8-order.ts";

/** Far below what a system takes as one argument (128 KiB on Linux). */
const MAX_ARGUMENT_CHARS = 1024;

const FLAGS = [
  ["--trace-file", TRACE],
  ["--manifest", MANIFEST],
  ["--journal-digest", JOURNAL_DIGEST],
  ["--evidence-ledger", LEDGER],
  ["--pathlog", PATH_LOG],
  ["--quiclog", QUIC_LOG],
  ["--repairlog", REPAIR_LOG],
]
  .flat()
  .join(" ");

const HEAD = `#!/bin/sh
# ATP Replay Command
# Runs the transfer of this pack again. It needs apr on the path, and may be called from any folder.
case $0 in
*/*) pack=\${0%/*} ;;
*) pack=. ;;
esac
CDPATH= cd -- "\${pack:-/}" || exit 7
`;

/** The text of `replay_command.sh`, for any POSIX shell. Whatever comes from outside is quoted, so that it is never run. */
export function replayScript({ seeds, oracle_results: results }: ScriptFacts): string {
  return `${HEAD}${seedLines(seeds)}${commandLine(results)}`;
}

type ScriptFacts = Pick<PackFacts, "seeds"> & {
  readonly oracle_results: readonly { readonly oracle_name: string }[];
};

/** The lines that give the seeds: what of the script depends on the manifest alone. */
export function seedLines(seeds: PackFacts["seeds"]): string {
  return sortedPairs(seeds)
    .map(([name, seed]) => `export ATP_SEED_${variableOf(name)}=${seed}\n`)
    .join("");
}

function commandLine(results: ScriptFacts["oracle_results"]): string {
  const oracles = results.map(({ oracle_name: name }) => ` ${shellQuote(oracleWords(name))}`).join("");
  return `exec apr replay ${FLAGS} --validate-oracles${oracles}\n`;
}

function oracleWords(name: string): string[] {
  const argument = oracleArgument(name);
  // Behind a flag of its own it could be taken for another flag.
  return argument.startsWith("-") ? [`--oracle=${argument}`] : ["--oracle", argument];
}

/**
 * An oracle's name as a program can be given it: whoever gets it compares it with the same of the names in the
 * journal, which are whole. NUL and halves of surrogate pairs become U+FFFD, and a very long name is cut.
 */
export function oracleArgument(name: string): string {
  const cut = name.length > MAX_ARGUMENT_CHARS ? `${name.slice(0, MAX_ARGUMENT_CHARS)}…` : name;
  return cut.replaceAll(/[\0\p{Surrogate}]/gu, "\ufffd");
}

function variableOf(name: string): string {
  const upper = Array.from(name, (character) => (/^[A-Za-z0-9]$/.test(character) ? character : "_"))
    .join("")
    .toUpperCase();
  let start = 0;
  let end = upper.length;
  while (upper[start] === "_") start++;
  while (end > start && upper[end - 1] === "_") end--;
  return start === end ? "SEED" : upper.slice(start, end);
}
