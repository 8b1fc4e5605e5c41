import type { JsonObject } from "../base/json.ts";
import { COMMON_CODES } from "../contracts/judge.ts";
import type { Contract, Field, Fields, Gate } from "../contracts/types.ts";

/** Every contract with one line a gate. */
export function contractsText(contracts: readonly Contract[]): string {
  return contracts.map(contractText).join("\n");
}

function contractText({ id, version, title, gates }: Contract): string {
  const width = Math.max(...gates.map(({ name }) => name.length));
  const lines = gates.map(
    (gate) =>
      `  ${gate.name.padEnd(width)}  ${gate.origin.padEnd(6)}  ${liveText(gate).padEnd(8)}  ${gate.rule}`,
  );
  return `${id} version ${version}: ${title}\n${lines.join("\n")}\n`;
}

/** A contract with everything about each of its gates. */
export function wholeContractText(contract: Contract): string {
  const { id, version, title, gates } = contract;
  return `${id} version ${version}: ${title}\n\n${gates.map(gateText).join("\n")}`;
}

/** Everything about one gate. */
export function gateText(gate: Gate): string {
  const where = gate.liveIn === null ? "captured files only" : `captured files, and live in ${gate.liveIn}`;
  const lines = [
    `${gate.id}  (${gate.origin}; ${where})`,
    `  ${gate.rule}`,
    ...fieldLines(gate.fields, "  "),
    `  codes: ${[...gate.codes, ...COMMON_CODES].join(", ")}`,
    ...(gate.after.length === 0 ? [] : [`  after: ${gate.after.join(", ")}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function fieldLines(fields: Fields, margin: string): string[] {
  return Object.entries(fields).flatMap(([name, field]) => [
    `${margin}- ${name}: ${kindText(field)}. ${field.about}`,
    ...(field.fields === undefined ? [] : fieldLines(field.fields, `${margin}  `)),
  ]);
}

function kindText({ kind, optional, nullable }: Field): string {
  return `${kind}${nullable === true ? " or null" : ""}${optional === true ? ", optional" : ""}`;
}

function liveText({ liveIn }: Gate): string {
  return liveIn === null ? "captured" : "live";
}

/** A contract and its gates as data. */
export function contractJson({ id, version, title, gates }: Contract): JsonObject {
  return { id, version, title, gates: gates.map(gateJson) };
}

/** A gate as data. */
export function gateJson({ id, origin, rule, fields, codes, liveIn, after }: Gate): JsonObject {
  return {
    id,
    origin,
    rule,
    fields: fieldsJson(fields),
    codes: [...codes, ...COMMON_CODES],
    live_in: liveIn,
    after: [...after],
  };
}

function fieldsJson(fields: Fields): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { kind, about, optional, nullable, fields: inner }]) => [
      name,
      {
        kind,
        about,
        optional: optional === true,
        nullable: nullable === true,
        ...(inner === undefined ? {} : { fields: fieldsJson(inner) }),
      },
    ]),
  );
}
