/**
 * Types of `ms`. With `moduleResolution: nodenext`, TypeScript does not find those that `ms` ships, and every Temporal
 * `Duration` becomes `any`. With these, a misspelt duration is an error again.
 */
declare module 'ms' {
  type Unit =
    'ms' | 's' | 'second' | 'seconds' | 'm' | 'minute' | 'minutes' | 'h' | 'hour' | 'hours' | 'd' | 'day' | 'days';
  export type StringValue = `${number}` | `${number}${Unit}` | `${number} ${Unit}`;
}
