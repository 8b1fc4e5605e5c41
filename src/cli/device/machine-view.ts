import type { JsonObject } from "../../base/json.ts";
import { formatBytes } from "../../base/units.ts";
import type { Backend } from "../../device/backend.ts";
import type { CudaFound } from "../../device/types.ts";
import { printable } from "../../reports/printable.ts";
import type { Chosen } from "./chosen.ts";

/** Every backend of this machine. */
export interface Machine {
  readonly cuda: CudaFound;
  readonly others: readonly Backend[];
  readonly cores: number;
}

interface Row {
  readonly name: string;
  readonly available: boolean;
  readonly summary: string;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly source: string | null;
  readonly devices: readonly {
    readonly index: number;
    readonly name: string;
    readonly uuid: string | null;
    readonly memory: number | null;
    readonly capability: string | null;
  }[];
}

function rowsOf({ cuda, others, cores }: Machine): Row[] {
  const devices = cuda.kind === "answered" ? cuda.devices : [];
  const cudaVersion = cuda.kind === "answered" ? cuda.driverCuda : null;
  return [
    {
      name: "cuda",
      available: cuda.kind === "answered",
      summary: [
        cuda.driver === null ? "" : `driver ${cuda.driver}`,
        cudaVersion === null ? "" : `CUDA up to ${cudaVersion}`,
        cuda.source === "driver" ? "" : `says ${cuda.source}`,
      ]
        .filter((part) => part !== "")
        .join(" · "),
      reason: cuda.kind === "absent" ? { code: cuda.code, message: cuda.message } : null,
      source: cuda.source,
      devices: devices.map(({ index, name, uuid, memoryBytes, computeCapability }) => {
        return { index, name, uuid, memory: memoryBytes, capability: computeCapability };
      }),
    },
    ...others.map((backend): Row => {
      const listed = backend.devices.map(({ memoryBytes, ...rest }) => {
        return { ...rest, uuid: null, memory: memoryBytes };
      });
      const { name, available, reason } = backend;
      return { name, available, summary: "", reason, source: null, devices: listed };
    }),
    { name: "cpu", available: true, summary: `${cores} cores`, reason: null, source: null, devices: [] },
  ];
}

export function backendsJson(machine: Machine, chosen: Chosen | null): JsonObject {
  const backends = rowsOf(machine).map(({ name, available, reason, source, devices }) => ({
    backend: name,
    available,
    reason,
    source,
    devices: devices.map(({ index, name: device, uuid, memory, capability }) => {
      return { index, name: device, uuid, memory_bytes: memory, capability };
    }),
  }));
  const { cuda } = machine;
  return {
    backends,
    driver: cuda.driver,
    driver_cuda: cuda.kind === "answered" ? cuda.driverCuda : null,
    ...(chosen === null ? {} : { device: chosenJson(chosen) }),
  };
}

function chosenJson({ word, choice }: Chosen): JsonObject {
  const used = choice.kind === "cuda" ? `cuda:${choice.device.index}` : "cpu";
  return { requested: word, used, warning: choice.warning };
}

/** One line a backend, and one for each of its devices. */
export function backendsText(machine: Machine, chosen: Chosen | null): string {
  const lines = rowsOf(machine).flatMap((row) => [
    `  ${row.name.padEnd(6)} ${(row.available ? "available" : "no").padEnd(10)} ${row.reason?.message ?? row.summary}`,
    ...row.devices.map(({ index, name, memory, capability }) => {
      const facts = [name, memory === null ? "" : formatBytes(memory), capability ?? ""];
      return `         ${index}  ${facts.filter((fact) => fact !== "").join(" · ")}`;
    }),
  ]);
  if (chosen !== null) {
    const { choice, word } = chosen;
    const used = choice.kind === "cuda" ? `cuda:${choice.device.index}, ${choice.device.name}` : "cpu";
    lines.push("", `  ${word} is ${used}`);
  }
  return `${lines.map((line) => printable(line).trimEnd()).join("\n")}\n`;
}
