import { AprError, EXIT } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { printable } from "../../reports/printable.ts";
import type { RequestLine, ServeOptions } from "../../transfer/serve/options.ts";
import { serve } from "../../transfer/serve/serve.ts";
import { nodeTransferWorld } from "../../world/node/transfer-world.ts";
import type { AprContext, Run } from "../context.ts";
import type { StoreFlags } from "../store/store-flags.ts";
import { absolute, stoppable, writableStore } from "../store/open.ts";

export interface ServeFlags extends StoreFlags {
  readonly host: string;
  readonly port: number;
  readonly write: boolean;
  readonly overwrite: boolean;
  readonly private: boolean;
  readonly tokenFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly name?: readonly string[];
  readonly maxConnections: number;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const MAX_TOKEN_BYTES = 4096;
const MAX_PEM_BYTES = 1024 * 1024;
/** How long requests in progress may take to end: a chunk, not a model. */
const GRACE_MS = 10_000;
const PARTIAL = 206;

export const run: Run<ServeFlags, []> = async (context, flags) => {
  const options = await optionsOf(context, flags);
  return stoppable(async (signal) => {
    const store = await writableStore(context, flags);
    const served = await serve(nodeTransferWorld, store, options);
    try {
      const { port, url } = served;
      const write = flags.write;
      const words = `  serving ${store.root} on ${url}  ${write ? "read and write" : "read only"}\n`;
      if (flags.json)
        context.out(`${JSON.stringify({ url, host: flags.host, port, store: store.root, write })}\n`);
      else context.err(words);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    } finally {
      await served.close(GRACE_MS);
    }
    context.err("  stopped serving; requests in progress have ended\n");
    return stopCode(signal);
  });
};

/** The stop was asked for: it is no error, and its document was written when the server began. */
function stopCode({ reason }: AbortSignal): number {
  return reason instanceof AprError && reason.kind === "interrupted" ? EXIT.sigint : EXIT.sigterm;
}

async function optionsOf(context: AprContext, flags: ServeFlags): Promise<ServeOptions> {
  const {
    host,
    maxConnections,
    name: names,
    overwrite,
    port,
    quiet,
    tlsCert,
    tlsKey,
    verbose,
    write,
  } = flags;
  if (overwrite && !write) {
    throw new AprError("usage", "--overwrite is about pushes: it goes with --write");
  }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new AprError("usage", "a certificate and its key go together: --tls-cert and --tls-key");
  }
  const tls =
    tlsCert === undefined || tlsKey === undefined
      ? undefined
      : {
          certificate: await readSecret(tlsCert, MAX_PEM_BYTES),
          key: await readSecret(tlsKey, MAX_PEM_BYTES),
        };
  const token = write || flags.private ? await tokenOf(context, flags) : undefined;
  return {
    ...{ host, port, maxConnections, names, tls },
    write: write && token !== undefined ? { token, overwrite } : undefined,
    readToken: flags.private ? token : undefined,
    // A model is thousands of chunks.
    onRequest: quiet
      ? undefined
      : (line) => {
          if (verbose || line.status !== PARTIAL) context.err(lineText(line));
        },
  };
}

/** Never on the command line, where every process could read it. */
async function tokenOf(context: AprContext, { tokenFile }: ServeFlags): Promise<string> {
  const token =
    tokenFile === undefined
      ? (context.env["APR_SERVE_TOKEN"] ?? "")
      : new TextDecoder().decode(await readSecret(tokenFile, MAX_TOKEN_BYTES)).trim();
  if (token !== "") return token;
  throw new AprError("usage", "--write and --private need a token", {
    hint: "openssl rand -hex 32 > token; then --token-file token, or APR_SERVE_TOKEN",
    fields: { code: "no-token" },
  });
}

async function readSecret(path: string, maxBytes: number): Promise<Uint8Array> {
  const { files } = nodeTransferWorld;
  const real = await files.realPath(absolute(path)).catch((error: unknown) => {
    throw new AprError("not-found", `no such file: ${path}`, { fields: { path }, cause: error });
  });
  const read = await files.readSmall(real, maxBytes);
  if (read.kind === "bytes") return read.bytes;
  throw new AprError("malformed", `not a file of at most ${formatBytes(maxBytes)}: ${path}`, {
    fields: { path },
  });
}

function lineText({ method, ms, path, sizeBytes, status }: RequestLine): string {
  return `  ${status} ${printable(method)} ${printable(path)}  ${formatBytes(sizeBytes)}  ${Math.round(ms)} ms\n`;
}
