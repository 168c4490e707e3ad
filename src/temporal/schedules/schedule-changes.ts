import { isDeepStrictEqual } from 'node:util';
import type { ScheduleDescription, ScheduleOptions, ScheduleSpec } from '@temporalio/client';

type DescribedSpec = ScheduleDescription['spec'];
type DescribedCalendar = NonNullable<DescribedSpec['calendars']>[number];

/** Lists the differences between a schedule and the settings, one text each; empty if it matches them. */
export function scheduleChanges(wanted: ScheduleOptions, actual: ScheduleDescription): string[] {
  const compared: [string, unknown, unknown][] = [
    ['times', timesOf(actual.spec), wantedTimes(wanted.spec)],
    ['policies', actual.policies, wanted.policies],
    ['starts', startOf(actual.action), startOf(wanted.action)],
    ['search attributes', attributesOf(actual), attributesOf(wanted)],
  ];
  return compared
    .filter(([, before, after]) => !isDeepStrictEqual(before, after))
    .map(([name, before, after]) => `${name}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
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
