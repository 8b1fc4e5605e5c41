import { AprError } from "../../base/errors.ts";
import { findScenario, scenarios } from "../../scenarios/registry.ts";
import type { Scenario } from "../../scenarios/types.ts";
import type { Params } from "../../scenarios/run-types.ts";

/** Parameters of scenarios that can be asked for. */
export interface ParamFlags {
  readonly chunks?: number;
  readonly hosts?: number;
  readonly runs?: number;
}

/** The one of that name. Throws AprError `usage`. */
export function scenarioNamed(name: string): Scenario {
  const found = findScenario(name);
  if (found !== null) return found;
  throw new AprError("usage", `no scenario ${name.slice(0, 100)}`, {
    hint: `there are ${scenarios.map((each) => each.name).join(", ")}`,
    fields: { code: "no-scenario" },
  });
}

/** What was asked for, over the scenario's own. Throws AprError `usage` for a parameter that it does not have. */
export function paramsFor({ name, params }: Scenario, { chunks, hosts, runs }: ParamFlags): Params {
  const asked = Object.entries({ chunks, hosts, runs }).filter(
    (each): each is [string, number] => each[1] !== undefined,
  );
  const unknown = asked.find(([key]) => !(key in params));
  if (unknown !== undefined) {
    throw new AprError("usage", `${name} has no parameter ${unknown[0]}`, {
      hint: `it has ${Object.keys(params).join(", ")}`,
      fields: { code: "no-parameter" },
    });
  }
  return { ...params, ...Object.fromEntries(asked) };
}

/** The command that runs one seed again. */
export function reproduction(
  { name, params: usual }: Scenario,
  params: Params,
  seed: bigint | string,
): string {
  const other = Object.entries(params).filter(([key, value]) => usual[key] !== value);
  return `apr sim run ${name} --seed ${seed}${other.map(([key, value]) => ` --${key} ${value}`).join("")}`;
}
