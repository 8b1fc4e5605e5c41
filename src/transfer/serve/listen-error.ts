import { AprError, systemCode } from "../../base/errors.ts";

/** Why a server could not begin to listen, for people. What is not known stays as it is. */
export function asListenError(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const code = systemCode(error) ?? "";
  const fields = { code, host, port };
  switch (code) {
    case "EADDRINUSE":
      return new AprError("io", `port ${port} of ${host} is in use`, {
        hint: "port 0 takes any free one",
        fields,
        cause: error,
      });
    case "EACCES":
      return new AprError("io", `port ${port} may not be opened`, {
        hint: "ports below 1024 are for privileged users: take a higher one",
        fields,
        cause: error,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return new AprError("usage", `not an address of this machine: ${host}`, {
        hint: "127.0.0.1 is for this machine alone, 0.0.0.0 for whoever reaches it",
        fields,
        cause: error,
      });
    default:
      if (!code.startsWith("ERR_OSSL")) return error;
      // OpenSSL's own words may show what stands in the key's file.
      return new AprError("malformed", "the certificate or its key cannot be used", {
        hint: "both are PEM, and the key belongs to the certificate",
        fields: { code: "bad-certificate" },
      });
  }
}
