import { NetError, type NetFailure } from "../net.ts";

/** The other side of a request, for messages: host and port, never more. */
export interface Peer {
  readonly host: string;
  /** Host and port of the proxy between; null without one. */
  readonly proxy: string | null;
}

const BY_CODE: ReadonlyMap<string, NetFailure> = new Map<string, NetFailure>([
  ["ENOTFOUND", "dns"],
  ["EAI_AGAIN", "dns"],
  ["EAI_FAIL", "dns"],
  ["EAI_NODATA", "dns"],
  ["EAI_NONAME", "dns"],
  ["ECONNREFUSED", "refused"],
  ["ENETUNREACH", "unreachable"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETDOWN", "unreachable"],
  ["EHOSTDOWN", "unreachable"],
  ["EADDRNOTAVAIL", "unreachable"],
  ["EACCES", "unreachable"],
  ["EPERM", "unreachable"],
  ["ETIMEDOUT", "timeout"],
  ["ECONNRESET", "cut"],
  ["ECONNABORTED", "cut"],
  ["EPIPE", "cut"],
  ["ERR_STREAM_DESTROYED", "cut"],
  ["HPE_INVALID_EOF_STATE", "cut"],
  ["EPROTO", "tls"],
]);

/** How Node names what is wrong with a certificate. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_)/;

/** A header or path that cannot be sent. */
const UNSENDABLE: ReadonlySet<string> = new Set([
  "ERR_INVALID_CHAR",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_HTTP_INVALID_HEADER_VALUE",
  "ERR_UNESCAPED_CHARACTERS",
  "ERR_INVALID_ARG_TYPE",
]);

/** This machine's own shortage: not the network's fault, so the system's error goes on as it is. */
const LOCAL_CODES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"]);

const SAYS: Readonly<Record<NetFailure, (host: string) => string>> = {
  dns: (host) => `the name of ${host} could not be looked up`,
  refused: (host) => `${host} refused the connection`,
  unreachable: (host) => `${host} cannot be reached from here`,
  tls: (host) => `no secure connection to ${host}`,
  timeout: (host) => `${host} could not be connected in time`,
  cut: (host) => `${host} closed the connection before the answer was whole`,
  protocol: (host) => `${host} does not answer as an HTTP server should`,
  "too-large": (host) => `${host} sent more than was asked for`,
};

/** What the network's error means. A path, query or credential is in none of the texts. */
export function asNetError(error: unknown, peer: Peer): Error {
  const code = codeOf(error);
  if (LOCAL_CODES.has(code) && error instanceof Error) return error;
  // Node's own error may hold the header.
  if (UNSENDABLE.has(code)) return new TypeError(`a request to ${peer.host} has a bad header or path`);
  const failure = BY_CODE.get(code) ?? (TLS_CODE.test(code) ? "tls" : "protocol");
  const detail = failure === "tls" || failure === "protocol" ? ` (${code === "" ? "unknown" : code})` : "";
  return netError(failure, peer, SAYS[failure](peer.host) + detail, causeOf(error, code));
}

export function netError(failure: NetFailure, peer: Peer, message: string, cause?: unknown): NetError {
  const way = peer.proxy === null ? "" : ` (through the proxy ${peer.proxy})`;
  return new NetError(failure, peer.host, message + way, cause);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

// A parser's error carries what was received. Only the system's own errors are known to hold no more than names.
function causeOf(error: unknown, code: string): unknown {
  return code.startsWith("E") && !code.startsWith("ERR_") ? error : undefined;
}
