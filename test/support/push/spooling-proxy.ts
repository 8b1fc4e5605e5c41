import { createServer, request as send } from "node:http";
import { listen } from "./listen.ts";

export interface SpoolingProxy {
  readonly port: number;
  /** Bytes of request bodies that came whole and were passed on, by method. */
  readonly passed: ReadonlyMap<string, number>;
  /** Bytes of pieces that came, those of a piece that was cut too. */
  readonly cameBytes: () => number;
}

/**
 * As nginx does by default: a request is passed on when its body has come whole, and not at all when it is cut.
 * `onCame` says true for a sender that it ended: what the system still holds of that body is lost with it.
 */
export async function spoolingProxy(
  upstreamPort: number,
  onCame: (cameBytes: number) => boolean | undefined = () => false,
): Promise<SpoolingProxy> {
  const passed = new Map<string, number>();
  let cameBytes = 0;
  const server = createServer((request, response) => {
    const { method = "", url = "/", headers } = request;
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => {
      parts.push(part);
      if (method !== "PATCH") return;
      cameBytes += part.length;
      if (onCame(cameBytes) === true) request.destroy();
    });
    request.on("error", () => undefined);
    request.on("end", () => {
      const body = Buffer.concat(parts);
      passed.set(method, (passed.get(method) ?? 0) + body.length);
      const onward = send({ host: "127.0.0.1", port: upstreamPort, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      onward.end(body);
    });
  });
  return { port: await listen(server), passed, cameBytes: () => cameBytes };
}
