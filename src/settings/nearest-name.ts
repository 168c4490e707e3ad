import { closestMatch } from 'leven';

/** The end of a message about an unknown name: ` (the nearest is NAME)`. */
export function nearestName(name: string, known: readonly string[]): string {
  const nearest = closestMatch(name, known);
  return nearest === undefined ? '' : ` (the nearest is ${nearest})`;
}
