const FORM = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

const MINUTES_A_DAY = 24 * 60;

/**
 * True for a date and time of RFC 3339 that exists on the calendar.
 * Second 60 is accepted only where leap seconds happen: 23:59 UTC on the last day of a month.
 */
export function isRfc3339(text: string): boolean {
  const parts = FORM.exec(text);
  if (parts === null) return false;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [offsetHour, offsetMinute] = [Number(parts[8] ?? 0), Number(parts[9] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false;
  if (hour > 23 || minute > 59 || offsetHour > 23 || offsetMinute > 59) return false;
  if (second < 60) return true;
  const offset = (parts[7] === "-" ? -1 : 1) * (offsetHour * 60 + offsetMinute);
  return second === 60 && isLeapSecondMinute(daysIn(year, month), day, hour * 60 + minute - offset);
}

/** `utcMinute` counts from the local day's midnight and may lie on the day before. */
function isLeapSecondMinute(lastDay: number, day: number, utcMinute: number): boolean {
  if (utcMinute === MINUTES_A_DAY - 1) return day === lastDay;
  // Written ahead of UTC: the first of a month there is still the last of the month before here.
  return utcMinute === -1 && day === 1;
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
