import { isDeepStrictEqual } from 'node:util';
import type { ScheduleDescription, ScheduleOptions, ScheduleSpec } from '@temporalio/client';

type DescribedSpec = ScheduleDescription['spec'];
type DescribedCalendar = NonNullable<DescribedSpec['calendars']>[number];

/** Lists the fields in which a schedule differs from the settings, each as `name: old -> new`. */
export function scheduleChanges(wanted: ScheduleOptions, actual: ScheduleDescription): string[] {
  const before = fieldsOf(actual, timesOf(actual.spec));
  const after = fieldsOf(wanted, wantedTimes(wanted.spec));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [old, next] = [before.get(name), after.get(name)];
    return isDeepStrictEqual(old, next) ? [] : [changeText(name, old, next)];
  });
}

/** Returns when a schedule that does not exist yet would run, in the same form. */
export function timesOfNew({ spec }: ScheduleOptions): string[] {
  return [changeText('times', undefined, wantedTimes(spec))];
}

function changeText(name: string, old: unknown, next: unknown): string {
  const textOf = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));
  return `${name}: ${textOf(old)} -> ${textOf(next)}`;
}

/** Returns the compared fields by their names, such as `times`, `policies.overlap` or `starts.args`. */
function fieldsOf(schedule: ScheduleOptions | ScheduleDescription, times: readonly string[]): Map<string, unknown> {
  const named = (prefix: string, fields: object): [string, unknown][] =>
    Object.entries(fields).map(([name, value]) => [`${prefix}${name}`, value]);
  return new Map<string, unknown>([
    ['times', times],
    ...named('policies.', schedule.policies ?? {}),
    ...named('starts.', startOf(schedule.action)),
    ...named('search attribute ', attributesOf(schedule)),
  ]);
}

/** Returns texts such as `["every 300 s, 17 s after"]` or `["daily at 3:24:08 in Europe/Berlin"]`. */
function wantedTimes({ intervals = [], calendars = [], timezone = '' }: ScheduleSpec): string[] {
  return [
    ...intervals.map(({ every, offset = 0 }) => intervalText(Number(every), Number(offset))),
    ...calendars.map(({ hour, minute, second }) => dailyText([hour, minute, second].map(Number), timezone)),
  ];
}

/** Returns the same texts for the server's schedule, and adds every field that callweave never sets as JSON. */
function timesOf({ intervals = [], calendars = [], timezone = '', skip = [], ...others }: DescribedSpec): string[] {
  return [
    ...intervals.map(({ every, offset }) => intervalText(every, offset)),
    ...calendars.map((calendar) => calendarText(calendar, timezone)),
    ...(skip.length === 0 ? [] : [`except ${JSON.stringify(skip)}`]),
    ...Object.entries(others).flatMap(([name, value]) => (value ? [`${name} ${JSON.stringify(value)}`] : [])),
  ];
}

function calendarText(calendar: DescribedCalendar, timeZone: string): string {
  const { hour, minute, second, dayOfMonth, month, year, dayOfWeek } = calendar;
  const time = [hour, minute, second].flatMap((ranges) => {
    const [range] = ranges;
    return ranges.length === 1 && range !== undefined && range.start === range.end ? [range.start] : [];
  });
  const days = [dayOfMonth, month, year, dayOfWeek];
  const isDaily = isDeepStrictEqual(days, EVERY_DAY) && time.length === 3;
  return isDaily ? dailyText(time, timeZone) : JSON.stringify({ ...calendar, timeZone });
}

const EVERY_DAY = [
  [{ start: 1, end: 31, step: 1 }],
  [{ start: 'JANUARY', end: 'DECEMBER', step: 1 }],
  [],
  [{ start: 'SUNDAY', end: 'SATURDAY', step: 1 }],
];

function intervalText(everyMs: number, offsetMs: number): string {
  return `every ${everyMs / 1_000} s, ${offsetMs / 1_000} s after`;
}

function dailyText([hour = 0, minute = 0, second = 0]: readonly number[], timeZone: string): string {
  const clock = [hour, ...[minute, second].map((part) => String(part).padStart(2, '0'))].join(':');
  return `daily at ${clock} in ${timeZone}`;
}

function startOf(action: ScheduleOptions['action'] | ScheduleDescription['action']): object {
  const { workflowType, workflowId, taskQueue, args, staticSummary } = action;
  return { workflowType, workflowId, taskQueue, args, staticSummary };
}

function attributesOf({ typedSearchAttributes }: ScheduleOptions | ScheduleDescription): object {
  const pairs = Array.isArray(typedSearchAttributes) ? typedSearchAttributes : (typedSearchAttributes?.getAll() ?? []);
  return Object.fromEntries(pairs.map(({ key, value }) => [key.name, value]));
}
