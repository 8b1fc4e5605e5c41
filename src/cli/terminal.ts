import { isTerminal } from "../world/node/stdio.ts";
import type { AprContext } from "./context.ts";
import { isSet } from "./global-flags.ts";

type Env = Pick<AprContext, "env">;

/** How much is told of work that goes on: a line that is rewritten, lines of their own, or nothing. */
export type Telling = "rewrite" | "lines" | "nothing";

export function tellingOf({ env }: Env): Telling {
  if (isSet(env["APR_QUIET"])) return "nothing";
  return isTerminal(2) && !isSet(env["APR_PLAIN"]) && env["TERM"] !== "dumb" ? "rewrite" : "lines";
}

/** Whether what is on stdout may be drawn anew. */
export function hasScreen({ env }: Env): boolean {
  return isTerminal(1) && !isSet(env["APR_PLAIN"]) && env["TERM"] !== "dumb";
}

/** Whether stdout shows colours. */
export function hasColor({ env }: Env): boolean {
  return isTerminal(1) && !isSet(env["NO_COLOR"]) && env["TERM"] !== "dumb";
}
