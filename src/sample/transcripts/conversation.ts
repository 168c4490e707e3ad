import type { CallFacts } from '../feed/call-facts.js';
import {
  agentNames,
  carriers,
  dayparts,
  days,
  endings,
  greetings,
  smallTalk,
  times,
  topics,
  type Ending,
  type QuestionAndAnswer,
  type Topic,
} from './conversation-lines.js';
import type { Random } from '../random.js';

/** One turn as the API gives it: `{"agent": "…"}` or `{"caller": "…"}`. */
export type SampleTurn = Readonly<Record<string, string>>;

export interface Conversation {
  readonly turns: readonly SampleTurn[];
  readonly summary: string;
  /** -1 to 1. */
  readonly sentiment: { readonly overall: number; readonly agent: number; readonly caller: number };
}

const secondsPerExchange = 20;

const wrongNumber: Topic = {
  reasons: ['Sorry, is this the pharmacy?'],
  exchanges: [],
  summary: 'another business',
};

/** Writes the conversation of a call about its service line; the longer the call, the more turns. */
export function converse(facts: CallFacts, random: Random): Conversation {
  const topic = topics[facts.serviceLine] ?? wrongNumber;
  const ending = random.pick(endings);
  const fill = fillerOf(facts, random);
  const exchangeCount = Math.floor(facts.connectSeconds / secondsPerExchange);
  const exchanges = [...middle({ topic, ending, count: exchangeCount, random }), ...ending.exchanges];
  const turns = [
    { agent: random.pick(greetings) },
    { caller: random.pick(topic.reasons) },
    ...exchanges.flatMap(([agent, caller]) => [{ agent }, { caller }]),
    { agent: ending.farewell },
  ];
  const mood = random.int(...ending.mood);
  return {
    turns: turns.map((turn) => Object.fromEntries(Object.entries(turn).map(([who, text]) => [who, fill(text)]))),
    summary: fill(`Caller asked about ${topic.summary} in {city}. ${ending.summary}`),
    sentiment: { overall: mood / 100, agent: random.int(10, 80) / 100, caller: (mood - 5) / 100 },
  };
}

interface Middle {
  readonly topic: Topic;
  readonly ending: Ending;
  readonly count: number;
  readonly random: Random;
}

/** Picks exchanges on the topic first, then small talk for the rest of the time, without repeating any. */
function middle({ topic, ending, count, random }: Middle): QuestionAndAnswer[] {
  const left = [...smallTalk];
  const drawn: QuestionAndAnswer[] = topic.exchanges.slice(0, count);
  while (drawn.length + ending.exchanges.length < count && left.length > 0) {
    drawn.push(...left.splice(random.int(0, left.length - 1), 1));
  }
  return drawn;
}

function fillerOf({ location, caller }: CallFacts, random: Random): (text: string) => string {
  const slots: Readonly<Record<string, string>> = {
    city: location.city,
    callerCity: caller.city,
    agent: random.pick(agentNames),
    carrier: random.pick(carriers),
    day: random.pick(days),
    time: random.pick(times),
    daypart: random.pick(dayparts),
  };
  return (text) => text.replace(/\{(\w+)\}/g, (_whole, name: string) => slots[name] ?? name);
}
