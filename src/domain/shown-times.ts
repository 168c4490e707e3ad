/** An instant in UTC to the second, as "2024-11-03 10:42:07 UTC". */
export function secondText(at: Date): string {
  return `${dayOf(at)} ${at.toISOString().slice(11, 19)} UTC`;
}

/** An instant in UTC to the minute, as "2024-11-03 10:42 UTC". */
export function minuteText(at: Date): string {
  return `${dayOf(at)} ${timeOfDay(at)}`;
}

/** As {@link minuteText}, without its day if that is the day of `now`: "10:42 UTC". */
export function shownTime(at: Date, now: Date): string {
  return dayOf(at) === dayOf(now) ? timeOfDay(at) : minuteText(at);
}

function timeOfDay(at: Date): string {
  return `${at.toISOString().slice(11, 16)} UTC`;
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
