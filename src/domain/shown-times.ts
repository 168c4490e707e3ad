/** Formats an instant in UTC to the second: "2024-11-03 10:42:07 UTC". */
export function secondText(at: Date): string {
  return `${dayOf(at)} ${at.toISOString().slice(11, 19)} UTC`;
}

/** Formats an instant in UTC to the minute: "2024-11-03 10:42 UTC". */
export function minuteText(at: Date): string {
  return `${dayOf(at)} ${timeOfDay(at)}`;
}

/** Formats an instant as {@link minuteText} does, but without the day if that is today: "10:42 UTC". */
export function shownTime(at: Date, now: Date): string {
  return dayOf(at) === dayOf(now) ? timeOfDay(at) : minuteText(at);
}

function timeOfDay(at: Date): string {
  return `${at.toISOString().slice(11, 16)} UTC`;
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
