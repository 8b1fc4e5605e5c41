import { join } from "node:path";
import { findTools, runTool } from "../../chaos/tools.ts";
import { formatBytes } from "../../base/units.ts";
import { ask } from "../../device/ask.ts";
import { mayWrite } from "../../world/node/access.ts";
import { nodeProbeWorld } from "../../world/node/probe-world.ts";
import type { World } from "../../world/world.ts";
import { type Check, check } from "./check.ts";

const VERSION_LIMIT_MS = 3000;

/** What real faults need of the system and its programs. */
export async function checkFaults(world: World): Promise<readonly Check[]> {
  const path = world.env["PATH"] ?? "";
  const { platform } = world.host;
  const [tools, found] = await Promise.all([findTools(world, path), world.processes.find("strace", path)]);
  const scope = await ptraceScope(world);
  const works = await makesNamespaces(world, tools.unshare);
  const version = found === undefined ? "" : await straceVersion(found);
  return [
    check(
      "system",
      "APR-DOCTOR-SYSTEM",
      { platform },
      {
        finding: platform,
        neededFor: ["chaos"],
        fix: "run apr qa on Linux, such as in a container",
      },
    ),
    check(
      "namespaces",
      "APR-DOCTOR-NAMESPACES",
      { tool: tools.unshare !== undefined, works },
      {
        finding: works
          ? "users may make them"
          : tools.unshare === undefined
            ? "unshare not found"
            : "forbidden here",
        neededFor: ["chaos"],
        fix: tools.unshare === undefined ? "apt-get install util-linux" : await allowNamespaces(world),
      },
    ),
    check(
      "strace",
      "APR-DOCTOR-STRACE",
      { tool: found !== undefined, works: tools.strace !== undefined, ptrace_scope: scope },
      {
        finding:
          found === undefined
            ? "not found"
            : `${version}${scope === null ? "" : `, ptrace scope ${scope}`}${tools.strace === undefined ? ", may not trace" : ""}`,
        neededFor: ["chaos"],
        fix:
          found === undefined
            ? "apt-get install strace"
            : "sysctl -w kernel.yama.ptrace_scope=1   # in a container: --cap-add SYS_PTRACE",
      },
    ),
    check(
      "GNU time",
      "APR-DOCTOR-TIME",
      { tool: tools.gnuTime !== undefined },
      {
        finding: tools.gnuTime ?? "not found: peaks are sampled",
        fix: "apt-get install time",
      },
    ),
    await checkCgroup(world),
    await checkMemory(world),
  ];
}

/** Which of the kernel's switches forbid namespaces differs; a container's own rules are not the kernel's. */
async function allowNamespaces(world: World): Promise<string> {
  const wanted = [
    ["unprivileged_userns_clone", "1"],
    ["apparmor_restrict_unprivileged_userns", "0"],
  ] as const;
  const settings: string[] = [];
  for (const [name, value] of wanted) {
    const now = (await read(world, `/proc/sys/kernel/${name}`))?.trim();
    if (now !== undefined && now !== value) settings.push(`kernel.${name}=${value}`);
  }
  if (settings.length > 0) return `sysctl -w ${settings.join(" ")}`;
  return "docker run --security-opt seccomp=unconfined …   # where this is a container";
}

async function makesNamespaces(world: World, unshare: string | undefined): Promise<boolean> {
  const probe = await world.processes.find("true", world.env["PATH"] ?? "");
  if (unshare === undefined || probe === undefined) return false;
  return (await runTool(world, [unshare, "-Urm", probe])).code === 0;
}

async function read(world: World, path: string): Promise<string | null> {
  const bytes = await world.files.readBounded(path, 64 * 1024).catch(() => null);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

async function ptraceScope(world: World): Promise<number | null> {
  const text = (await read(world, "/proc/sys/kernel/yama/ptrace_scope"))?.trim();
  return text !== undefined && /^\d$/.test(text) ? Number(text) : null;
}

async function straceVersion(strace: string): Promise<string> {
  const { stdout } = await ask(nodeProbeWorld, [strace, "-V"], VERSION_LIMIT_MS);
  return /version (\S{1,20})/.exec(stdout)?.[1] ?? "version unknown";
}

async function checkCgroup(world: World): Promise<Check> {
  const root = "/sys/fs/cgroup";
  const own = /^0::(\/.*)$/m.exec((await read(world, "/proc/self/cgroup")) ?? "")?.[1];
  const controllers = own === undefined ? null : await read(world, join(root, own, "cgroup.controllers"));
  const two = (await read(world, join(root, "cgroup.controllers"))) !== null;
  const version = two
    ? 2
    : (await world.files.facts(join(root, "memory")).catch(() => null)) === null
      ? 0
      : 1;
  const memory = controllers?.split(/\s+/).includes("memory") === true;
  const delegated = two && memory && own !== undefined && mayWrite(join(root, own, "cgroup.procs"));
  const detail =
    version === 2 ? (delegated ? ", delegated" : ", not delegated") : ": memory is limited by address space";
  return check(
    "cgroup",
    "APR-DOCTOR-CGROUP",
    { version, delegated },
    {
      finding: version === 0 ? "none" : `version ${version}${detail}`,
      fix: version === 2 ? "systemd-run --user --scope -p Delegate=yes apr …" : null,
    },
  );
}

async function checkMemory(world: World): Promise<Check> {
  const kib = /^MemAvailable:\s+(\d{1,12}) kB$/m.exec((await read(world, "/proc/meminfo")) ?? "")?.[1];
  const bytes = kib === undefined ? null : Number(kib) * 1024;
  return check(
    "memory",
    "APR-DOCTOR-MEMORY",
    { available_bytes: bytes },
    {
      finding: bytes === null ? "unknown" : `${formatBytes(bytes)} available`,
      neededFor: ["oom"],
      fix: null,
    },
  );
}
