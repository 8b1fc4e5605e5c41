import { AprError } from "../base/errors.ts";

/** What a device word asks for. `cuda` alone means its first device. */
export type DeviceWord =
  | { readonly kind: "cpu"; readonly word: string }
  | { readonly kind: "cuda"; readonly index: number; readonly word: string }
  | { readonly kind: "auto"; readonly word: string };

/** The grammar of device words. Source: SPEC, section 4. */
const DEVICE_WORD = /^(cpu|cuda(:[0-9]|:1[0-5])?|auto)$/;

/** Reads a device word. Throws a usage error for every other string. */
export function parseDeviceWord(text: string): DeviceWord {
  const found = DEVICE_WORD.exec(text);
  if (found === null) {
    throw new AprError("usage", `not a device: ${JSON.stringify(text.slice(0, 64))}`, {
      hint: "cpu, cuda, cuda:0 to cuda:15, or auto",
    });
  }
  if (text === "cpu" || text === "auto") return { kind: text, word: text };
  return { kind: "cuda", index: Number(found[2]?.slice(1) ?? 0), word: text };
}
