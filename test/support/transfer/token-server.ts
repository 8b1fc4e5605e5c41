import { execFileSync } from "node:child_process";
import { randomUUID, sign } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { findProgram } from "../needs.ts";
import { ISSUER } from "./registry.ts";

export interface TokenServerOptions {
  /** For its key and certificate. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  /** Without the password a token still lets pull. */
  readonly anonymousPull?: boolean;
  readonly lifetimeS?: number;
}

export interface TokenServer {
  readonly realm: string;
  /** What the registry must trust. */
  readonly certificateFile: string;
  /** `scope` of every token that was given, with who asked: a user or `anonymous`. */
  readonly given: readonly { readonly scope: string; readonly who: string }[];
  readonly close: () => Promise<void>;
}

const DEFAULT_LIFETIME_S = 60;

/** Gives signed tokens as Docker's token authentication has them, with a key made by openssl for this run. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const { keyFile, certificateFile } = makeKey(options.folder);
  const key = readFileSync(keyFile, "utf8");
  const chain = readFileSync(certificateFile, "utf8").replaceAll(/-----[A-Z ]+-----|\s/g, "");
  const given: { scope: string; who: string }[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const who = userOf(request, options);
    if (who === null) {
      response
        .writeHead(401, { "content-type": "application/json" })
        .end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      return;
    }
    const scopes = url.searchParams.getAll("scope").flatMap((scope) => scope.split(" "));
    given.push(...scopes.map((scope) => ({ scope, who })));
    const lifetimeS = options.lifetimeS ?? DEFAULT_LIFETIME_S;
    const token = jwt({ key, chain, lifetimeS, service: url.searchParams.get("service") ?? "" }, scopes, who);
    const body = JSON.stringify({ token, access_token: token, expires_in: lifetimeS });
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    realm: `http://127.0.0.1:${port}/token`,
    certificateFile,
    given,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** The user; `anonymous` without credentials where that is allowed; null for wrong ones. */
function userOf({ headers }: IncomingMessage, options: TokenServerOptions): string | null {
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? "")?.[1];
  if (basic === undefined) return options.anonymousPull === true ? "anonymous" : null;
  const expected = `${options.user}:${options.password}`;
  return Buffer.from(basic, "base64").toString("utf8") === expected ? options.user : null;
}

interface Signing {
  readonly key: string;
  readonly chain: string;
  readonly lifetimeS: number;
  readonly service: string;
}

function jwt({ key, chain, lifetimeS, service }: Signing, scopes: readonly string[], who: string): string {
  const nowS = Math.floor(Date.now() / 1000);
  const access = scopes
    .filter((scope) => scope !== "")
    .map((scope) => {
      const [type = "", ...rest] = scope.split(":");
      const actions = (rest.pop() ?? "").split(",");
      const allowed = who === "anonymous" ? actions.filter((action) => action === "pull") : actions;
      return { type, name: rest.join(":"), actions: allowed };
    });
  const claims = {
    iss: ISSUER,
    sub: who,
    aud: service,
    exp: nowS + lifetimeS,
    nbf: nowS - 5,
    iat: nowS,
    jti: randomUUID(),
    access,
  };
  const head = { typ: "JWT", alg: "RS256", x5c: [chain] };
  const text = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

function makeKey(folder: string): { readonly keyFile: string; readonly certificateFile: string } {
  mkdirSync(folder, { recursive: true });
  const keyFile = `${folder}/token.key`;
  const certificateFile = `${folder}/token.crt`;
  const openssl = findProgram("openssl") ?? "openssl";
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=apr-test"];
  execFileSync(openssl, [...request, "-keyout", keyFile, "-out", certificateFile], { stdio: "ignore" });
  return { keyFile, certificateFile };
}
