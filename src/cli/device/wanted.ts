import { pathFacts } from "../../world/node/facts.ts";
import { workingFolder } from "../../world/node/stdio.ts";
import { hasConfigFile } from "../config/places.ts";
import type { AprContext } from "../context.ts";

/** Whether anything may name a device: what settles it is loaded only then. */
async function mayNameDevice({ env }: AprContext, flag: string | undefined): Promise<boolean> {
  if (flag !== undefined || (env["APR_DEVICE"] ?? "") !== "") return true;
  return hasConfigFile({ facts: pathFacts }, env, workingFolder());
}

/** What the chosen device puts into the program's environment. Throws as `chosenDevice` does. */
export async function deviceVariables(
  context: AprContext,
  flag: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (!(await mayNameDevice(context, flag))) return {};
  const { chosenDevice, deviceEnv } = await import("./chosen.ts");
  return deviceEnv(await chosenDevice(context, flag));
}
