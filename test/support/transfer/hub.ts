import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

/** What the branch main is at. */
export const COMMIT = "c0ffee".padEnd(40, "0");
/** The only token that the hub knows. */
export const TOKEN = "hf_hunter2";

export type HubHandler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server for one test; its base URL. */
export async function serveBodies(handler: HubHandler): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (data: Buffer) => void (body += data.toString()));
    request.on("end", () => handler(request, response, body));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

export interface HubFiles {
  readonly [path: string]: { readonly content: string; readonly lfs: boolean };
}

export interface TestHub {
  readonly endpoint: string;
  /** Every request: which server, what, and with which authorization. */
  readonly log: string[];
}

/** A hub with one repository, whose large files lie on another server, as the real one's do. */
export async function newHub(
  files: HubFiles,
  options: { readonly gated?: boolean; readonly private?: boolean } = {},
): Promise<TestHub> {
  const log: string[] = [];
  const note = (place: string, { method, url, headers }: IncomingMessage): void =>
    void log.push(`${place} ${method} ${url} ${headers.authorization ?? "-"}`);
  const cdn = await serveBodies((request, response) => {
    note("cdn", request);
    const path = decodeURIComponent((request.url ?? "").split("?", 1)[0]?.slice(1) ?? "");
    sendFile(request, response, files[path]?.content ?? "");
  });
  const endpoint = await serveBodies((request, response, body) => {
    note("hub", request);
    const url = request.url ?? "";
    const known = request.headers.authorization === `Bearer ${TOKEN}`;
    if (options.private === true && !known) return refuse(response, 401, "RepoNotFound");
    if (url === "/api/models/org/repo/revision/main")
      return json(response, { id: "org/repo", sha: COMMIT, siblings: [] });
    if (url.includes("/revision/")) return refuse(response, 404, "RevisionNotFound");
    if (url === `/api/models/org/repo/paths-info/${COMMIT}` && request.method === "POST")
      return json(response, pathsInfo(files, body));
    const path = decodeURIComponent(url.slice(`/org/repo/resolve/${COMMIT}/`.length));
    if (!url.startsWith(`/org/repo/resolve/${COMMIT}/`) || files[path] === undefined)
      return refuse(response, 404, "EntryNotFound");
    if (options.gated === true && !known) return refuse(response, 401, "GatedRepo");
    if (!files[path].lfs) return sendFile(request, response, files[path].content);
    response.writeHead(302, {
      location: `${cdn}/${encodeURIComponent(path)}?signature=s3cret`,
      "x-linked-size": files[path].content.length,
    });
    return response.end();
  });
  return { endpoint, log };
}

function pathsInfo(files: HubFiles, body: string): unknown {
  const { paths } = JSON.parse(body) as { paths: string[] };
  return paths.flatMap((path) => {
    const file = files[path];
    if (file === undefined) return [];
    const size = file.content.length;
    const lfs = { oid: createHash("sha256").update(file.content).digest("hex"), size, pointerSize: 135 };
    return [{ type: "file", path, size, oid: "0".repeat(40), ...(file.lfs ? { lfs } : {}) }];
  });
}

function sendFile(request: IncomingMessage, response: ServerResponse, content: string): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const body = first === undefined ? content : content.slice(Number(first), Number(last) + 1);
  const range =
    first === undefined
      ? {}
      : { "content-range": `bytes ${first}-${Number(first) + body.length - 1}/${content.length}` };
  response.writeHead(first === undefined ? 200 : 206, {
    etag: '"v1"',
    "content-length": body.length,
    ...range,
  });
  response.end(body);
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "x-error-code": code }).end("{}");
}
