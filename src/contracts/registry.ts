import { chaosContract } from "./chaos.ts";
import { copyContract } from "./copy.ts";
import { oomContract } from "./oom.ts";
import { transferContract } from "./transfer.ts";
import type { Contract, Gate } from "./types.ts";
import { versionContract } from "./version.ts";

/** Every contract that apr knows, in the order of their documents. */
export const contracts: readonly Contract[] = [
  oomContract,
  chaosContract,
  copyContract,
  versionContract,
  transferContract,
];

const gatesByName: ReadonlyMap<string, Gate> = indexGates();

/** Finds a gate by its id, or by the id's last part where no other gate shares it. */
export function findGate(idOrUniqueLastPart: string): Gate | undefined {
  return gatesByName.get(idOrUniqueLastPart);
}

/** Finds a contract by its id. */
export function findContract(id: string): Contract | undefined {
  return contracts.find((contract) => contract.id === id);
}

function indexGates(): ReadonlyMap<string, Gate> {
  const gates = contracts.flatMap((contract) => contract.gates);
  const index = new Map<string, Gate>();
  for (const gate of gates) {
    index.set(gate.id, gate);
    if (gates.filter(({ name }) => name === gate.name).length === 1) index.set(gate.name, gate);
  }
  return index;
}
