import { type AgentOptions, type ClientRequest, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";

/** As long as an idle connection is kept. A server that tells a shorter time is obeyed. */
const KEPT_MS = 4000;

// No bound on connections: a request must not wait for another's. The caller bounds its requests.
// The oldest idle connection goes first: only there does Node pass over those that are closed already.
const KEPT: AgentOptions = { keepAlive: true, timeout: KEPT_MS, scheduling: "fifo" };

/** For a connection's error: Node leaves a moment in which nobody listens, and that would end the process. */
export function unheard(): void {
  // Whoever uses the connection has a listener of its own.
}

// What a server says unasked must not become the answer to the next request.
function drop(this: Duplex): void {
  this.destroy();
}

/** Keeps connections of plain HTTP. */
export class PlainAgent extends HttpAgent {
  constructor() {
    super(KEPT);
  }

  override keepSocketAlive(socket: Duplex): void {
    socket.on("data", drop);
    return super.keepSocketAlive(socket);
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off("data", drop);
    super.reuseSocket(socket, request);
  }
}

/** Keeps connections of HTTPS, and what makes the next handshake short. */
export class SecureAgent extends HttpsAgent {
  constructor() {
    super(KEPT);
  }

  override keepSocketAlive(socket: Duplex): void {
    socket.on("data", drop);
    return super.keepSocketAlive(socket);
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off("data", drop);
    super.reuseSocket(socket, request);
  }
}
