import type { Clock } from "../../world/clock.ts";

/** Longest wait that another side can ask for: ten minutes. */
export const MAX_RETRY_AFTER_MS = 600_000;

const SECONDS = /^[0-9]{1,10}$/;
/** RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`; the two obsolete forms are left out. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What `Retry-After` asks for, in milliseconds, bounded; null when it is not there or not understood. */
export function retryAfterMs(value: string | undefined, clock: Pick<Clock, "wallMs">): number | null {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return bounded(Number(text) * 1000);
  const date = httpDateMs(text);
  return date === null ? null : bounded(date - clock.wallMs());
}

/** Milliseconds since 1970 of an HTTP date; null for anything else. */
export function httpDateMs(text: string): number | null {
  const [, day, month = "", year, hour, minute, second] = HTTP_DATE.exec(text) ?? [];
  const index = MONTHS.indexOf(month);
  if (index === -1) return null;
  return Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second));
}

function bounded(ms: number): number {
  return Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}
