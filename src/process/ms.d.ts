/**
 * `ms` ships its types where `moduleResolution: nodenext` does not find them, which turns every Temporal `Duration`
 * into `any`. This gives a duration like `'1 minute'` its type back, and a misspelt one its error.
 */
declare module 'ms' {
  type Unit =
    'ms' | 's' | 'second' | 'seconds' | 'm' | 'minute' | 'minutes' | 'h' | 'hour' | 'hours' | 'd' | 'day' | 'days';
  export type StringValue = `${number}` | `${number}${Unit}` | `${number} ${Unit}`;
}
