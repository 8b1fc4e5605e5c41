import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { readSource, type SourceFacts } from "./source.ts";
import {
  ALLOWED_MEMBERS,
  EFFECT_GLOBALS,
  EFFECT_MEMBERS,
  PACKAGES,
  PRINTER,
  PURE_NODE_MODULES,
  ROOMS,
} from "./table.ts";

/** Every breach of the design in one source file, as lines for a person. `path` starts at `src/`. */
export function breaches(path: string, text: string): string[] {
  const room = roomOf(path);
  if (!ROOMS.has(room)) return [`${path}: "${room}" is not a room of the design`];
  const facts = readOrRefuse(text);
  if (typeof facts === "string") return [`${path}: ${facts}`];
  const { imports, uses } = facts;
  const isTest = path.endsWith(".test.ts");
  const found = [
    ...imports.map((specifier) => importBreach(path, room, specifier, isTest)),
    ...(isTest ? [] : uses.map((use) => useBreach(room, use))),
  ];
  return [...new Set(found.filter((breach) => breach !== undefined))].map((breach) => `${path}: ${breach}`);
}

function readOrRefuse(text: string): SourceFacts | string {
  try {
    return readSource(text);
  } catch (error) {
    return `cannot be read: ${String(error)}`;
  }
}

/** `src/world/node/files.ts` → `world/node`; `src/index.ts` → `index`. */
function roomOf(path: string): string {
  const [, first = "", second = ""] = path.split("/");
  if (first === "index.ts") return "index";
  return first === "world" && second === "node" ? "world/node" : first;
}

function importBreach(
  path: string,
  room: string,
  specifier: string | null,
  isTest: boolean,
): string | undefined {
  if (specifier === null) return "imports a computed name: nothing can check it";
  if (specifier.startsWith(".")) return relativeBreach(path, room, specifier, isTest);
  if (isTest) return undefined;
  if (isBuiltin(specifier)) {
    const pure = PURE_NODE_MODULES.has(specifier.startsWith("node:") ? specifier : `node:${specifier}`);
    return pure || room === "world/node" ? undefined : `imports ${specifier}, which only world/node may`;
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const rooms = PACKAGES.get(name);
  if (rooms === undefined) return `imports ${name}, a package that the design does not name`;
  return rooms.some((allowed) => allowed === room)
    ? undefined
    : `imports ${name}, which only ${rooms.join(", ")} may`;
}

function relativeBreach(path: string, room: string, specifier: string, isTest: boolean): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith("src/")) {
    return isTest && target.startsWith("test/support/") ? undefined : `imports ${target}, outside src/`;
  }
  if (target === PRINTER.file && room !== PRINTER.room && room !== "world/node") {
    return `imports ${target}: only ${PRINTER.room} prints`;
  }
  const targetRoom = roomOf(target);
  if (targetRoom === room || ROOMS.get(room)?.includes(targetRoom) === true) return undefined;
  // Tests use the real disk and the simulated one, never mocks.
  if (isTest && (targetRoom === "world" || targetRoom === "world/node" || targetRoom === "sim"))
    return undefined;
  return `imports ${target}: ${room} may not import ${targetRoom}`;
}

function useBreach(room: string, use: string): string | undefined {
  if (room === "world/node") return undefined;
  if (ALLOWED_MEMBERS.get(use)?.some((allowed) => allowed === room) === true) return undefined;
  const effect =
    use === "new Date()" ||
    use === "Date()" ||
    EFFECT_MEMBERS.has(use) ||
    EFFECT_GLOBALS.has(use.split(".")[0] ?? "");
  return effect ? `uses ${use}, which only world/node may` : undefined;
}
