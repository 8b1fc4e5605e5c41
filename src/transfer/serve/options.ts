import { AprError } from "../../base/errors.ts";
import { isLoopback } from "./access.ts";

/** What was done for one request: enough for a line of a log, and nothing secret. */
export interface RequestLine {
  readonly method: string;
  /** Without the query. Control characters are escaped. */
  readonly path: string;
  readonly status: number;
  /** Of the answer's body. */
  readonly sizeBytes: number;
  /** From the request's head to the answer's, its body not counted. */
  readonly ms: number;
}

export interface ServeLimits {
  readonly maxUploads: number;
  readonly maxBlobBytes: number;
  /** All unfinished uploads together. */
  readonly maxUploadBytes: number;
  /** Uploads leave this much of the disk free. */
  readonly keepFreeBytes: number;
  /** An upload that nobody goes on with for so long is dropped. */
  readonly uploadIdleMs: number;
  readonly headTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

export interface ServeOptions {
  /** An address of this machine; 127.0.0.1 unless told. */
  readonly host?: string | undefined;
  /** Any free port unless told. */
  readonly port?: number | undefined;
  /** PEM. */
  readonly tls?: { readonly certificate: Uint8Array; readonly key: Uint8Array } | undefined;
  /** Without it nothing can be written. */
  readonly write?:
    | {
        readonly token: string;
        /** A push may put another manifest in the place of a tag's. */
        readonly overwrite?: boolean | undefined;
      }
    | undefined;
  /** Without it whoever reaches the server may read. The token for writing is good for reading too. */
  readonly readToken?: string | undefined;
  /** Names that requests may call this machine by, on loopback. */
  readonly names?: readonly string[] | undefined;
  readonly maxConnections?: number | undefined;
  readonly limits?: Partial<ServeLimits> | undefined;
  readonly onRequest?: ((line: RequestLine) => void) | undefined;
}

/** Options with everything decided. */
export interface ServeConfig extends Pick<ServeOptions, "tls" | "onRequest"> {
  readonly host: string;
  readonly port: number;
  readonly loopback: boolean;
  readonly names: readonly string[];
  readonly writeTokens: readonly string[];
  readonly overwrite: boolean;
  /** Empty: anonymous. */
  readonly readTokens: readonly string[];
  readonly maxConnections: number;
  readonly limits: ServeLimits;
}

const GIB = 1024 ** 3;

const LIMITS: ServeLimits = {
  maxUploads: 64,
  maxBlobBytes: 1024 * GIB,
  maxUploadBytes: 4096 * GIB,
  keepFreeBytes: GIB / 4,
  uploadIdleMs: 15 * 60_000,
  headTimeoutMs: 15_000,
  idleTimeoutMs: 60_000,
};

const MAX_CONNECTIONS = 64;
/** What can stand in a header as it is. */
const TOKEN = /^[!-~]{1,1024}$/;

/** Throws `usage` for a token that cannot be sent, or that would cross a network in the open. */
export function configOf(options: ServeOptions): ServeConfig {
  const host = options.host === undefined || options.host === "localhost" ? "127.0.0.1" : options.host;
  const loopback = isLoopback(host);
  const { write, readToken, tls } = options;
  const readTokens = readToken === undefined ? [] : [readToken];
  const writeTokens = write === undefined ? [] : [write.token];
  for (const token of [...readTokens, ...writeTokens]) {
    if (TOKEN.test(token)) continue;
    throw new AprError("usage", "the token is empty, too long, or has spaces or other than ASCII in it", {
      hint: "openssl rand -hex 32 makes a good one",
      fields: { code: "bad-token" },
    });
  }
  if (readTokens.length + writeTokens.length > 0 && tls === undefined && !loopback) {
    throw new AprError("usage", `a token for ${host} would cross the network in the open`, {
      hint: "give a certificate and its key for TLS, or serve on 127.0.0.1",
      fields: { code: "token-needs-tls", host },
    });
  }
  return {
    host,
    port: options.port ?? 0,
    loopback,
    names: options.names ?? [],
    tls,
    writeTokens,
    overwrite: write?.overwrite === true,
    readTokens: readTokens.length === 0 ? [] : [...readTokens, ...writeTokens],
    maxConnections: options.maxConnections ?? MAX_CONNECTIONS,
    limits: { ...LIMITS, ...options.limits },
    onRequest: options.onRequest,
  };
}
