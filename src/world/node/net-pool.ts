import type { Agent } from "node:http";

/** The connections of one way to servers: those in use, and those that are kept for the next request. */
export class ConnectionPool {
  readonly agent: Agent;
  #live = 0;
  #closed: (() => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(agent: Agent) {
    this.agent = agent;
  }

  /** A request begins. */
  enter(): void {
    this.#live += 1;
  }

  /** A request has ended. */
  leave(): void {
    this.#live -= 1;
    if (this.#live === 0 && this.#closed !== null) this.#end();
  }

  /** Closes the connections that nobody uses. */
  dropIdle(): void {
    for (const socket of Object.values(this.agent.freeSockets).flat()) socket?.destroy();
  }

  /** Closes idle connections at once, and the others when their requests have ended; resolves then. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#closed = resolve;
      this.dropIdle();
      if (this.#live === 0) this.#end();
    });
    return this.#closing;
  }

  // Those in the making for a request that was stopped end here, too.
  #end(): void {
    this.agent.destroy();
    this.#closed?.();
  }
}
