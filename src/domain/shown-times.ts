/** In UTC to the minute, with its day where that is not the day of `now`: `10:42 UTC`, `2024-11-04 10:42 UTC`. */
export function shownTime(instant: Date, now: Date): string {
  const [day, time] = [dayOf(instant), instant.toISOString().slice(11, 16)];
  return day === dayOf(now) ? `${time} UTC` : `${day} ${time} UTC`;
}

function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
