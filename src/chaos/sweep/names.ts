import { AprError } from "../../base/errors.ts";
import { ERRORS, SIGNALS } from "./catalogue.ts";
import { FURTHER_NAMES } from "../further/list.ts";

/** Every fault of a sweep by name: errors, signals, further faults. */
export const FAULT_NAMES: readonly string[] = [...ERRORS, ...SIGNALS, ...FURTHER_NAMES];

/** Throws `usage` for a name that is no fault. */
export function checkFaultNames(names: readonly string[]): void {
  const unknown = names.find((name) => !FAULT_NAMES.includes(name));
  if (unknown === undefined) return;
  throw new AprError("usage", `no such fault: ${unknown}`, { hint: `known: ${FAULT_NAMES.join(" ")}` });
}
