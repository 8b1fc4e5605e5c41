import { EXIT } from "../../base/errors.ts";
import type { Store } from "../../store/store.ts";
import { onStopSignal } from "../../world/node/signals.ts";
import { terminalColumns } from "../../world/node/stdio.ts";
import { nodeWorld } from "../../world/node/world.ts";
import type { AprContext, Run } from "../context.ts";
import { hasScreen } from "../terminal.ts";
import { readableStore } from "../store/open.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { History } from "../watch/history.ts";
import { look } from "../watch/look.ts";
import { lookDocument, lookText } from "../watch/text.ts";

export interface WatchFlags extends StoreFlags {
  readonly once: boolean;
  /** Milliseconds between two looks. */
  readonly every: number;
}

/** To the upper left corner, and all below it cleared. */
const ANEW = "\u001b[H\u001b[J";
const CLEAR = "\u001b[2J";
/** Between the two looks that a rate needs. */
const RATE_MS = 500;

export const run: Run<WatchFlags, []> = async (context, flags) => {
  const store = await readableStore(context, flags);
  const history = new History();
  return flags.once || flags.json
    ? once(context, flags, store, history)
    : live(context, flags, store, history);
};

async function once(
  context: AprContext,
  flags: WatchFlags,
  store: Store | null,
  history: History,
): Promise<number> {
  const first = await look(nodeWorld, store);
  history.add(first);
  if (first.transfers.some((each) => each.live)) await nodeWorld.timers.sleep(RATE_MS);
  const seen = await look(nodeWorld, store);
  history.add(seen);
  context.out(
    flags.json
      ? `${JSON.stringify(lookDocument(seen, history))}\n`
      : lookText(seen, history, terminalColumns()),
  );
  return EXIT.ok;
}

/** Until Ctrl-C: on a terminal the same lines again and again, elsewhere one block after the other. */
async function live(
  context: AprContext,
  flags: WatchFlags,
  store: Store | null,
  history: History,
): Promise<number> {
  const stop = new AbortController();
  let exitCode: number = EXIT.sigint;
  const off = onStopSignal((name) => {
    if (name !== "SIGINT") exitCode = EXIT.sigterm;
    stop.abort();
  });
  const screen = hasScreen(context);
  if (screen) context.out(CLEAR);
  try {
    while (!stop.signal.aborted) {
      const seen = await look(nodeWorld, store);
      history.add(seen);
      const text = lookText(seen, history, terminalColumns());
      context.out(screen ? ANEW + text : text);
      await nodeWorld.timers.sleep(flags.every, stop.signal).catch(() => undefined);
    }
  } finally {
    off();
  }
  return exitCode;
}
