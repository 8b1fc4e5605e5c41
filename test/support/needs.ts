import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "vitest";

/** Which Debian package each program comes from. Every package here is also in packages.txt. */
export const PACKAGE_OF = {
  "7zz": "7zip",
  bash: "bash",
  bzip2: "bzip2",
  chromium: "chromium",
  cp: "coreutils",
  curl: "curl",
  dd: "coreutils",
  "docker-registry": "docker-registry",
  ffmpeg: "ffmpeg",
  fish: "fish",
  gcc: "gcc",
  "g++": "g++",
  git: "git",
  gzip: "gzip",
  htpasswd: "apache2-utils",
  jq: "jq",
  mount: "mount",
  nginx: "nginx-light",
  openssl: "openssl",
  prlimit: "util-linux",
  ps: "procps",
  python3: "python3",
  setpriv: "util-linux",
  setsid: "util-linux",
  sh: "dash",
  skopeo: "skopeo",
  sort: "coreutils",
  sqlite3: "sqlite3",
  strace: "strace",
  tar: "tar",
  time: "time",
  unshare: "util-linux",
  xmllint: "libxml2-utils",
  xz: "xz-utils",
  zsh: "zsh",
  zstd: "zstd",
} as const;

export type Program = keyof typeof PACKAGE_OF;

/** The part of a test's context that says it was not run. */
type Skippable = Pick<TestContext, "skip">;

/** Ends the test as not run when a program is missing; as failed under `APR_REQUIRE_ALL=1`. */
export function needs(context: Skippable, ...programs: readonly Program[]): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => PACKAGE_OF[program]))];
  notRun(context, missing.join(", "), `apt-get install ${packages.join(" ")}`);
}

/** The same for anything else that a host may lack, such as user namespaces: what, and how to get it. */
export function notRun(context: Skippable, what: string, remedy: string): never {
  if (process.env["APR_REQUIRE_ALL"] === "1") throw new Error(`needs ${what}: ${remedy}`);
  return context.skip(`not run: needs ${what} (${remedy})`);
}

/**
 * Ends the test as not run for want of something that no package brings, such as a GPU or a kernel's interface. It is
 * shown as skipped, with the reason, also under `APR_REQUIRE_ALL=1`: no host of that kind could pass.
 */
export function notOnThisHost(context: Skippable, what: string): never {
  return context.skip(`not run: no ${what}`);
}

const SERVERS: ReadonlySet<string> = new Set<Program>(["nginx"]);

/** Where `PATH` finds a program; undefined when it does not. */
export function findProgram(name: string): string | undefined {
  const named = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  // Debian's servers lie where only root's path looks; anybody may run them.
  const folders = SERVERS.has(name) ? [...named, "/usr/sbin"] : named;
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
