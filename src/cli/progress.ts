import type { AprContext } from "./context.ts";
import { tellingOf } from "./terminal.ts";

/** Short lines about what is going on: one that is rewritten on a terminal, plain ones elsewhere. */
export interface Progress {
  step(text: string): void;
  done(): void;
}

const CLEAR_LINE = "\r\u001b[K";

export function progress(context: AprContext, terminal: boolean): Progress {
  const telling = tellingOf(context);
  if (telling === "nothing") return { step: () => undefined, done: () => undefined };
  if (!terminal || telling === "lines")
    return { step: (text) => context.err(`apr: ${text}\n`), done: () => undefined };
  return {
    step: (text) => context.err(`${CLEAR_LINE}  ${text} …`),
    done: () => context.err(CLEAR_LINE),
  };
}
