import type { Downloaded, Net, NetAnswer, NetHead, NetRequest } from "../../world/net.ts";
import { NetError } from "../../world/net.ts";
import { httpError, safeUrl } from "./errors.ts";
import { Chain, type Hop, isRedirect, nextHop } from "./redirect.ts";
import type { Authorizer, HttpClient, HttpRequest } from "./types.ts";

/** A host that does not take a connection within this is as good as down. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Registries look a blob up in remote storage before they answer. */
const HEAD_TIMEOUT_MS = 30_000;
/** A body that stands still this long has lost its sender. */
const IDLE_TIMEOUT_MS = 30_000;
/** Of an answer that is only looked at for its status: an error's body, or a redirect's. */
const MAX_ASIDE_BYTES = 65_536;

export interface HttpOptions {
  readonly connectTimeoutMs?: number;
  readonly headTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  /** Sent with every request, such as `apr/1.2.3`. */
  readonly userAgent?: string;
}

/** HTTP over the world's network: redirects, and one challenge a hop. */
export function httpClient(net: Pick<Net, "request" | "download">, options: HttpOptions = {}): HttpClient {
  return {
    request: (request, auth) =>
      follow(
        request,
        auth,
        options,
        (sent) => net.request(sent, Math.max(request.maxBodyBytes, MAX_ASIDE_BYTES)),
        (answer) => answer,
        (answer) => boundedAnswer(request, answer),
      ),
    download: (request, sink, auth, finish, failed) => {
      const { file, maxBytes, offsetBytes, onBytes } = sink;
      return follow(
        request,
        auth,
        options,
        (sent, last) => {
          const take = (head: NetHead): boolean => last(head) && sink.take(head);
          return net.download(sent, { file, maxBytes, offsetBytes, onBytes, take });
        },
        headOf,
        finish,
        failed,
      );
    },
  };
}

/** Sends one request of the chain. `last` is false for a head that another request will follow. */
type Send<Result> = (sent: NetRequest, last: (head: NetHead) => boolean) => Promise<Result>;

function headOf(down: Downloaded): NetHead {
  return down.kind === "taken" ? down.head : down.answer;
}

function isLast(head: NetHead): boolean {
  return !isRedirect(head);
}

function isLastAndLetIn(head: NetHead): boolean {
  return !isRedirect(head) && head.status !== 401;
}

/** What comes of the chain's end is made in the same turn: each promise more is a cost for every chunk. */
function follow<Result, Made>(
  request: HttpRequest,
  auth: Authorizer | null,
  options: HttpOptions,
  send: Send<Result>,
  headOfResult: (result: Result) => NetHead,
  finish: (result: Result) => Made | Promise<Made>,
  failed?: (error: unknown) => Made,
): Promise<Made> {
  const hop: Hop = { url: request.url, method: request.method, body: request.body };
  const sendOne = (next: Hop): Promise<Result> =>
    // Most requests need no credentials.
    auth === null
      ? send(netRequest(next, request, null, options), isLast)
      : sendHop(next, request, auth, options, send, headOfResult);
  return sendOne(hop).then((result) => {
    const head = headOfResult(result);
    if (!isRedirect(head)) return finish(result);
    return followOn(request, hop, head, sendOne, headOfResult).then(finish, failed);
  }, failed);
}

/** Goes where redirects lead, to the end of the chain. */
async function followOn<Result>(
  request: HttpRequest,
  first: Hop,
  redirect: NetHead,
  sendOne: (hop: Hop) => Promise<Result>,
  headOfResult: (result: Result) => NetHead,
): Promise<Result> {
  const chain = new Chain();
  chain.add(first);
  let [hop, head] = [first, redirect];
  for (;;) {
    if (request.redirects === "refuse") throw refusedRedirect(hop.url);
    hop = nextHop(hop, head);
    chain.add(hop);
    const result = await sendOne(hop);
    head = headOfResult(result);
    if (isRedirect(head)) continue;
    request.landed?.(hop.url);
    return result;
  }
}

function refusedRedirect(url: URL): Error {
  return httpError("bad-redirect", url, `${safeUrl(url)} redirects a request that holds a secret`, {
    hint: "such a request is never sent on: name the server that it leads to",
  });
}

/** One hop, sent again once when its challenge was met. */
async function sendHop<Result>(
  hop: Hop,
  request: HttpRequest,
  auth: Authorizer,
  options: HttpOptions,
  send: Send<Result>,
  headOfResult: (result: Result) => NetHead,
): Promise<Result> {
  const { signal } = request;
  const sent = (await auth.header(hop.url, signal)) ?? null;
  const first = await send(netRequest(hop, request, sent, options), isLastAndLetIn);
  const head = headOfResult(first);
  if (head.status !== 401) return first;
  if (!(await auth.challenged(head, hop.url, signal, sent))) return first;
  const again = (await auth.header(hop.url, signal)) ?? null;
  return await send(netRequest(hop, request, again, options), isLast);
}

function netRequest(
  hop: Hop,
  request: HttpRequest,
  authorization: string | null,
  options: HttpOptions,
): NetRequest {
  const { connectTimeoutMs, headTimeoutMs, idleTimeoutMs } = options;
  const sent: NetRequest = {
    method: hop.method,
    url: sentUrl(hop.url),
    headers: headersOf(request, authorization, options.userAgent),
    signal: request.signal,
    connectTimeoutMs: connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    headTimeoutMs: headTimeoutMs ?? HEAD_TIMEOUT_MS,
    idleTimeoutMs: idleTimeoutMs ?? IDLE_TIMEOUT_MS,
  };
  return hop.body === undefined ? sent : { ...sent, body: hop.body };
}

/** Objects are put together only where there is something to add: it takes longer than all else here. */
function headersOf(
  { headers = {} }: HttpRequest,
  authorization: string | null,
  userAgent: string | undefined,
): Readonly<Record<string, string>> {
  const named = userAgent === undefined ? headers : { "user-agent": userAgent, ...headers };
  return authorization === null ? named : { ...named, authorization };
}

/** The last that is sent as it is: one chunk after the other is asked for at the same URL. */
let plain = "";

/** As it is sent: without user, password and fragment. */
function sentUrl(url: URL): string {
  const { href } = url;
  if (href === plain) return href;
  if (url.username === "" && url.password === "" && !href.includes("#")) {
    plain = href;
    return href;
  }
  const bare = new URL(href);
  bare.username = "";
  bare.password = "";
  bare.hash = "";
  return bare.href;
}

/** Room is made for an error's body, but a good answer keeps to what was asked. */
function boundedAnswer(request: HttpRequest, answer: NetAnswer): NetAnswer {
  if (answer.status >= 300 || answer.body.length <= request.maxBodyBytes) return answer;
  throw new NetError(
    "too-large",
    request.url.host,
    `${request.url.host} answered with more than ${request.maxBodyBytes} bytes`,
  );
}
