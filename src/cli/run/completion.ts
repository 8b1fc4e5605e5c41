import { AprError, EXIT } from "../../base/errors.ts";
import type { CommonFlags, Run } from "../context.ts";

export interface CompletionFlags extends CommonFlags {}

// Each script hands the words to `apr __complete`, the unfinished one last, and falls back to files.

/** bash cuts words at colons, which are part of tags: they are put together again, and cut off the proposals. */
const BASH = `_apr() {
  local IFS=$' \\t\\n' line=\${COMP_LINE:-\${COMP_WORDS[*]}} words=() count=0 index piece gap last prefix=
  for ((index = 0; index <= COMP_CWORD; index++)); do
    piece=\${COMP_WORDS[index]}
    gap=\${line%%"$piece"*}
    [[ -z $piece ]] && gap=$line
    line=\${line#*"$piece"}
    if ((index > 0)) && [[ $gap != *[[:space:]]* ]]; then
      words[count - 1]+=$piece
    else
      words[count++]=$piece
    fi
  done
  last=\${words[count - 1]}
  [[ $last == *:* && $COMP_WORDBREAKS == *:* ]] && prefix=\${last%"\${last##*:}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r piece gap; do
    COMPREPLY+=("\${piece#"$prefix"}")
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _apr apr
`;

const ZSH = `#compdef apr
_apr() {
  local -a lines found
  local line
  lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do found+=("\${line%%$'\\t'*}"); done
  if (( $#found )); then compadd -a found; else _files; fi
}
compdef _apr apr
`;

const FISH = `function __apr_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l found ($words[1] __complete -- $words[2..] "$last" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$last"
    end
end
complete -c apr -f -a '(__apr_complete)'
`;

const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ["bash", BASH],
  ["zsh", ZSH],
  ["fish", FISH],
]);

export const run: Run<CompletionFlags, [string]> = (context, flags, shell) => {
  const script = SCRIPTS.get(shell);
  if (script === undefined) {
    throw new AprError("usage", `no completion for ${JSON.stringify(shell)}`, {
      hint: "apr completion bash, zsh or fish",
    });
  }
  context.out(flags.json ? `${JSON.stringify({ shell, script })}\n` : script);
  return Promise.resolve(EXIT.ok);
};
