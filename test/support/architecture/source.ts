import { parseAst } from "vitest/node";

/** What one source file imports and which outside names it uses. */
export interface SourceFacts {
  /** Specifiers of every import, export-from, `import()` and `import("…")` type; null for a computed one. */
  readonly imports: readonly (string | null)[];
  /** Global names that it uses as values: `setTimeout`, `Date.now`, `new Date()`. */
  readonly uses: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Where a name is only a label, not a use of what it names. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  MemberExpression: ["property"],
  Property: ["key"],
  MethodDefinition: ["key"],
  PropertyDefinition: ["key"],
  AccessorProperty: ["key"],
  LabeledStatement: ["label"],
  BreakStatement: ["label"],
  ContinueStatement: ["label"],
  ImportSpecifier: ["imported"],
  ExportSpecifier: ["exported"],
};

/** Parts of a syntax tree that hold types, which do nothing. */
const TYPE_KEYS = new Set([
  "typeAnnotation",
  "typeParameters",
  "typeArguments",
  "returnType",
  "superTypeArguments",
]);
const TYPE_NODES = new Set([
  "TSTypeAliasDeclaration",
  "TSInterfaceDeclaration",
  "TSDeclareFunction",
  "TSModuleDeclaration",
]);

/** Reads TypeScript source. Names that the file itself binds are its own and not counted as uses. */
export function readSource(text: string): SourceFacts {
  const program: unknown = parseAst(text, { lang: "ts" });
  const imports: (string | null)[] = [];
  const uses: string[] = [];
  const bound = new Set<string>();
  walk(program, (node) => {
    const specifier = importedBy(node);
    if (specifier !== undefined) imports.push(specifier);
    for (const name of boundBy(node)) bound.add(name);
  });
  collectUses(program, uses);
  return { imports, uses: uses.filter((use) => !bound.has(use.replace(/^new /, "").split(/[.(]/)[0] ?? "")) };
}

function importedBy(node: Node): string | null | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return node["source"] === null || node["source"] === undefined ? undefined : literal(node["source"]);
    case "TSExternalModuleReference":
      return literal(node["expression"]);
    default:
      return undefined;
  }
}

function literal(node: unknown): string | null {
  if (!isNode(node)) return null;
  const plain = node.type === "TSLiteralType" ? node["literal"] : node;
  return isNode(plain) && typeof plain["value"] === "string" ? plain["value"] : null;
}

/** Names that a declaration, parameter or import brings into the file. */
function boundBy(node: Node): string[] {
  switch (node.type) {
    case "VariableDeclarator":
      return namesIn(node["id"]);
    case "FunctionDeclaration":
    case "FunctionExpression":
      return [...namesIn(node["id"]), ...namesIn(node["params"])];
    case "ArrowFunctionExpression":
      return namesIn(node["params"]);
    case "ClassDeclaration":
      return namesIn(node["id"]);
    case "CatchClause":
      return namesIn(node["param"]);
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
      return namesIn(node["local"]);
    default:
      return [];
  }
}

function namesIn(pattern: unknown): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(namesIn);
  if (!isNode(pattern)) return [];
  switch (pattern.type) {
    case "Identifier":
      return [String(pattern["name"])];
    case "ObjectPattern":
      return namesIn(pattern["properties"]);
    case "ArrayPattern":
      return namesIn(pattern["elements"]);
    case "Property":
      return namesIn(pattern["value"]);
    case "AssignmentPattern":
      return namesIn(pattern["left"]);
    case "RestElement":
      return namesIn(pattern["argument"]);
    case "TSParameterProperty":
      return namesIn(pattern["parameter"]);
    default:
      return [];
  }
}

function collectUses(value: unknown, uses: string[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collectUses(item, uses);
    return;
  }
  if (!isNode(value) || TYPE_NODES.has(value.type)) return;
  if (value.type === "Identifier") uses.push(String(value["name"]));
  if (isArglessDate(value)) uses.push(value.type === "NewExpression" ? "new Date()" : "Date()");
  const member = memberName(value);
  if (member !== undefined) uses.push(member);
  const labels = value["computed"] === true ? [] : (LABELS[value.type] ?? []);
  for (const [key, child] of Object.entries(value)) {
    // `process.exitCode` is one use, not also a use of `process`.
    if (member !== undefined && key === "object") continue;
    if (!TYPE_KEYS.has(key) && !labels.includes(key)) collectUses(child, uses);
  }
}

function isArglessDate(node: Node): boolean {
  if (node.type !== "NewExpression" && node.type !== "CallExpression") return false;
  if (!Array.isArray(node["arguments"]) || !isNode(node["callee"])) return false;
  const named = node["callee"].type === "Identifier" && node["callee"]["name"] === "Date";
  // Without `new`, Date ignores its arguments and tells the time.
  return named && (node.type === "CallExpression" || node["arguments"].length === 0);
}

/** `a.b` or `a["b"]` of a plain name as `a.b`; what hangs on `globalThis` as the global itself. */
function memberName(node: Node): string | undefined {
  if (node.type !== "MemberExpression" || !isNode(node["object"])) return undefined;
  const property = node["computed"] === true ? literal(node["property"]) : nameOf(node["property"]);
  if (property === undefined || property === null) return undefined;
  const owner =
    node["object"].type === "MemberExpression" ? memberName(node["object"]) : nameOf(node["object"]);
  if (owner === undefined || owner.includes(".")) return undefined;
  return owner === "globalThis" || owner === "global" ? property : `${owner}.${property}`;
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === "Identifier" ? String(node["name"]) : undefined;
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
  } else if (isNode(value)) {
    visit(value);
    for (const child of Object.values(value)) walk(child, visit);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
