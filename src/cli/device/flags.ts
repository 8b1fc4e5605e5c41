/** `--device`. The word is read with the others that may name a device, before anything is made: its exit code is 2. */
export const device = {
  kind: "parsed",
  parse: String,
  optional: true,
  placeholder: "DEVICE",
  brief: "cpu, cuda, cuda:0 to cuda:15, or auto (default $APR_DEVICE, then the config file)",
} as const;
