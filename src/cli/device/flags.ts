import { parseDeviceWord } from "../../device/word.ts";

/** `--device`: refused as usage before anything else happens. */
export const device = {
  kind: "parsed",
  parse: (text: string): string => parseDeviceWord(text).word,
  optional: true,
  placeholder: "DEVICE",
  brief: "cpu, cuda, cuda:0 to cuda:15, or auto (default $APR_DEVICE, then the config file)",
} as const;
