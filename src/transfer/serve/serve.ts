import type { Store } from "../../store/store.ts";
import type { TransferWorld } from "../world.ts";
import { handlerFor } from "./handler.ts";
import { Hold } from "./hold.ts";
import { asListenError } from "./listen-error.ts";
import { Names } from "./names.ts";
import { configOf, type ServeOptions } from "./options.ts";
import { Parts } from "./parts.ts";
import { Sending } from "./sending.ts";
import { TagIndex } from "./tag-index.ts";
import { Uploads } from "./uploads.ts";

/** A running server. */
export interface Served {
  readonly port: number;
  /** `http://127.0.0.1:5000`, without a slash at its end. */
  readonly url: string;
  /**
   * Takes no new request, lets those in progress end for at most `graceMs`, and leaves nothing of unfinished uploads.
   * Pushed blobs that no manifest names are no longer kept from gc then.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * Serves a store as an OCI distribution registry, read-only unless `write` is given.
 * Throws AprError `usage` for a token that would cross a network in the open, `io` for a port that cannot be had,
 * `malformed` for a certificate that cannot be used.
 */
export async function serve(world: TransferWorld, store: Store, options: ServeOptions): Promise<Served> {
  const config = configOf(options);
  const { host, port, tls, maxConnections, limits } = config;
  const hold = new Hold(store);
  const sending = new Sending();
  const parts = new Parts(store, sending);
  const uploads = new Uploads(store, hold, limits);
  const [names, tags] = [new Names(store), new TagIndex(store)];
  const handler = handlerFor({ world, store, config, names, tags, parts, sending, hold, uploads });
  const { headTimeoutMs, idleTimeoutMs } = limits;
  const timeouts = { headTimeoutMs, idleTimeoutMs };
  const listening = { host, port, maxConnections, ...timeouts, ...(tls === undefined ? {} : { tls }) };
  const listener = await world.net.listen(listening, handler).catch((error: unknown) => {
    throw asListenError(error, config);
  });
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    port: listener.port,
    url: `${tls === undefined ? "http" : "https"}://${shown}:${listener.port}`,
    async close(graceMs) {
      try {
        await listener.close(graceMs);
      } finally {
        await parts.close();
        await uploads.close();
        await hold.close();
      }
    },
  };
}
