import { AprError } from "../../base/errors.ts";
import { httpError } from "../http/errors.ts";

/** What a status without a file says, for a person. `what` may not hold a query. */
export function statusError(status: number, url: URL, what: string, hint?: string): AprError {
  const details = hint === undefined ? {} : { hint };
  if (status === 404 || status === 410) {
    return new AprError("not-found", `not there: ${what}`, {
      hint: hint ?? "check the name, and whether it was moved",
      fields: { code: "not-found", host: url.host, status },
    });
  }
  const fields = { status };
  if (status === 401 || status === 403) {
    return httpError("auth", url, `${url.host} refuses ${what} (${status})`, { ...details, fields });
  }
  return httpError("status", url, `${url.host} answered ${status} for ${what}`, { ...details, fields });
}
