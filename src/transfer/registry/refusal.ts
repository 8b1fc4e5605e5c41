import { AprError } from "../../base/errors.ts";
import type { NetHead } from "../../world/net.ts";
import { httpError } from "../http/errors.ts";

/** What a registry's refusal means to a person. Its own text stays out: anybody could write anything there. */
export function refusal({ status }: NetHead, url: URL, what: string): AprError {
  if (status === 404 || status === 410) {
    return new AprError("not-found", `${url.host} has no ${what}`, {
      hint: "check the name and the tag",
      fields: { code: "not-found", host: url.host },
    });
  }
  if (status === 401 || status === 403) {
    return httpError("auth", url, `${url.host} does not give ${what} to you (${status})`, {
      hint: "check the name, and log in: docker login or skopeo login; both keep logins where apr looks",
      fields: { status },
    });
  }
  return httpError("status", url, `${url.host} answered ${status} when asked for ${what}`, {
    hint: status >= 500 || status === 429 ? "try again later" : "check the name, and that this is a registry",
    fields: { status },
  });
}
