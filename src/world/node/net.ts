import type { Net } from "../net.ts";

let usesClient = false;

/** The real network. Each half is loaded when it is first used: most commands need neither. */
export const nodeNet: Net = {
  async request(request, maxBodyBytes) {
    usesClient = true;
    const client = await import("./net-client.ts");
    return client.request(request, maxBodyBytes);
  },
  async download(request, sink) {
    usesClient = true;
    const client = await import("./net-client.ts");
    return client.download(request, sink);
  },
  async listen(options, handler) {
    const listener = await import("./net-listener.ts");
    return listener.listen(options, handler);
  },
  async close() {
    if (!usesClient) return;
    const client = await import("./net-client.ts");
    await client.close();
  },
};
