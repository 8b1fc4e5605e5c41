import { mkdirSync, writeFileSync } from "node:fs";
import { freePort, type RunningServer, startServer } from "./program.ts";

export interface NginxOptions {
  /** What it serves. */
  readonly root: string;
  /** For its configuration, logs and temporary files; made when it is not there. */
  readonly folder: string;
  /** The port of one that was killed, to start it again. */
  readonly port?: number;
  /** Of each answer, from its second second on: nginx gives the first at once. */
  readonly bytesPerSecond?: number;
}

/** Debian's nginx with a folder of files: ranges, ETag and Last-Modified as the real one sends them. */
export async function startNginx(options: NginxOptions): Promise<RunningServer & { readonly url: string }> {
  const port = options.port ?? (await freePort());
  mkdirSync(options.folder, { recursive: true });
  const config = `${options.folder}/nginx.conf`;
  writeFileSync(config, configuration(options, port));
  const args = ["-p", options.folder, "-c", config, "-e", `${options.folder}/error.log`];
  const server = await startServer("nginx", args, { port, logFile: `${options.folder}/output.log` });
  return { ...server, url: `http://127.0.0.1:${port}` };
}

function configuration({ root, folder, bytesPerSecond }: NginxOptions, port: number): string {
  const rate = bytesPerSecond === undefined ? "" : `limit_rate ${bytesPerSecond};`;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(" ");
  // One process: whoever kills it by its id kills all of it.
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
  ${temporary}
  server { listen 127.0.0.1:${port}; root ${root}; default_type application/octet-stream; ${rate} }
}
`;
}
