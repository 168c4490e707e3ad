/** Arithmetic of measured figures. */

export function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

export function mean(numbers) {
  return sum(numbers) / numbers.length;
}

export function median(numbers) {
  return percentile(numbers, 0.5);
}

/** Returns the value below which this share of the numbers is; between two of them, in proportion. */
export function percentile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

/** Returns the most of these instants, in milliseconds, in any period of one second. */
export function busiestSecond(instants) {
  const sorted = instants.toSorted((a, b) => a - b);
  let most = 0;
  for (let first = 0, end = 0; first < sorted.length; first += 1) {
    while (end < sorted.length && sorted[end] < sorted[first] + 1_000) end += 1;
    most = Math.max(most, end - first);
  }
  return most;
}

/** Returns a number with three significant digits, or all of them before the point. */
export function rounded(number) {
  return Math.abs(number) >= 1_000 ? Math.round(number) : Number(number.toPrecision(3));
}
