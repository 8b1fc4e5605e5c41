import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Serves files in memory as a model hub does, on this machine only: byte ranges, sizes, entity tags. Gives its address. */
export async function serveHub(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? "").split("?")[0]?.split("/").slice(5).join("/") ?? "");
    const file = files[name];
    if (file === undefined) {
      response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const start = Number(range?.[1] ?? 0);
    const end = Math.min(file.length, range?.[2] ? Number(range[2]) + 1 : file.length);
    response.writeHead(range === null ? 200 : 206, {
      etag: `"${name}"`,
      "content-length": end - start,
      "content-range": `bytes ${start}-${end - 1}/${file.length}`,
    });
    response.end(file.subarray(start, end));
  });
  await listen(server);
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
}
