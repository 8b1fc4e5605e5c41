import { AprError } from "../../base/errors.ts";
import { contracts, findContract, findGate } from "../../contracts/registry.ts";
import type { Contract, Gate } from "../../contracts/types.ts";

/** What a person named: a whole contract or one gate. */
export type Subject =
  | { readonly kind: "contract"; readonly contract: Contract }
  | { readonly kind: "gate"; readonly gate: Gate; readonly contract: Contract };

/** Finds what a word names. Throws `AprError` (`usage`) for an unknown one. */
export function subjectOf(word: string): Subject {
  const contract = findContract(word);
  if (contract !== undefined) return { kind: "contract", contract };
  const gate = findGate(word);
  const owner = gate === undefined ? undefined : findContract(gate.contract);
  if (gate !== undefined && owner !== undefined) return { kind: "gate", gate, contract: owner };
  const known = contracts.map(({ id }) => id).join(", ");
  throw new AprError("usage", `no contract or gate is called ${JSON.stringify(word)}`, {
    hint: `the contracts are ${known}; apr contracts lists their gates`,
  });
}
