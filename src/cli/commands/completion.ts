import { buildCommand } from "@stricli/core";
import type { AprContext } from "../context.ts";
import { lazy } from "../lazy.ts";
import type { CompletionFlags } from "../run/completion.ts";
import { json } from "../store/flags.ts";

/** `apr completion`: Tab for every command. */
export const completion = buildCommand<CompletionFlags, [string], AprContext>({
  loader: lazy<CompletionFlags, [string]>(() => import("../run/completion.ts")),
  parameters: {
    flags: { json },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          placeholder: "bash|zsh|fish",
          brief: "The shell",
          proposeCompletions: () => ["bash", "zsh", "fish"],
        },
      ],
    },
  },
  docs: {
    brief: "Print a script that completes apr's commands, flags and tags",
    customUsage: ["bash", "zsh", "fish"],
    fullDescription:
      'bash: eval "$(apr completion bash)" in ~/.bashrc. zsh: eval "$(apr completion zsh)" in ~/.zshrc, after compinit. ' +
      "fish: apr completion fish | source in ~/.config/fish/config.fish. Exit codes: 0, 2 no such shell.",
  },
});
