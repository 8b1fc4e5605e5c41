import { AprError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { CudaDevice, CudaFound } from "./types.ts";
import type { DeviceWord } from "./word.ts";

/** Where an engine is to run. */
export type Choice =
  | { readonly kind: "cpu"; readonly warning: null }
  | { readonly kind: "cuda"; readonly device: CudaDevice; readonly warning: null }
  /** `auto` found no GPU. */
  | { readonly kind: "fallback"; readonly warning: DeviceWarning };

/** The one warning of a fallback to the CPU, for stderr and for reports. */
export interface DeviceWarning extends JsonObject {
  readonly code: "DEVICE_FALLBACK";
  readonly requested: string;
  readonly used: "cpu";
  readonly reason: string;
  readonly message: string;
}

/**
 * Settles a device word. `look` is called for `cuda` and `auto` only: `cpu` never probes. Throws `AprError`
 * (`device-unavailable`) for an explicit device that is not there: there is no silent fallback.
 */
export async function chooseDevice(word: DeviceWord, look: () => Promise<CudaFound>): Promise<Choice> {
  if (word.kind === "cpu") return { kind: "cpu", warning: null };
  const found = await look();
  const index = word.kind === "cuda" ? word.index : 0;
  const device = found.kind === "answered" ? found.devices.find((each) => each.index === index) : undefined;
  if (device !== undefined) return { kind: "cuda", device, warning: null };
  const { reason, message } = whyNot(found, index);
  if (word.kind === "auto") {
    const text = `no GPU can be used, running on the CPU: ${message}`;
    return {
      kind: "fallback",
      warning: { code: "DEVICE_FALLBACK", requested: word.word, used: "cpu", reason, message: text },
    };
  }
  throw new AprError("device-unavailable", `${word.word} is not available: ${message}`, {
    hint: "apr devices shows what is there; --device auto falls back to the CPU",
    fields: { code: "DEVICE_UNAVAILABLE", device: word.word, reason },
  });
}

function whyNot(found: CudaFound, index: number): { readonly reason: string; readonly message: string } {
  if (found.kind === "absent") return { reason: found.code, message: found.message };
  const count = found.devices.length;
  const there = count === 1 ? "only cuda:0 is visible" : `${count} devices are visible`;
  return { reason: "no-such-device", message: `there is no device ${index}: ${there}` };
}
