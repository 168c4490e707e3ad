/** Lines of the invented dental group's billing agent and its customers. Each call fills in `{…}`. */

type Lines = readonly [string, ...string[]];

/** Course of a call after the greeting. In each exchange the agent speaks first. */
export interface BillingTalk {
  readonly tag: string;
  readonly summary: string;
  readonly keywords: readonly string[];
  /** Range of the customer's mood, from -100 (bad) to 100 (good). */
  readonly mood: readonly [from: number, to: number];
  readonly exchanges: readonly (readonly [agent: string, customer: string])[];
}

export const billingGreetings: Lines = [
  'Hello, this is {agent}, calling for Bluefern Dental Group about invoice {invoice}. Is this a good moment?',
  'Good {daypart}. My name is {agent}, I am calling about your open invoice with Bluefern Dental.',
];

export const billingAgents: Lines = ['Odile', 'Barnaby', 'Saskia'];

export const billingTalks: readonly [BillingTalk, ...BillingTalk[]] = [
  {
    tag: 'promise',
    summary: 'The customer promised to pay by {day}.',
    keywords: ['invoice', 'payment date'],
    mood: [10, 60],
    exchanges: [
      ['Did our letter reach you?', 'It did, I simply forgot. Sorry about that.'],
      ['When could you settle it?', 'I get paid on {day}, I can do it then.'],
    ],
  },
  {
    tag: 'plan',
    summary: 'The customer asked to pay in three parts.',
    keywords: ['installments', 'deposit'],
    mood: [-10, 40],
    exchanges: [
      ['Is there anything that keeps you from paying?', 'The whole amount at once is too much for me right now.'],
      ['We could split it into three parts. Would that help?', 'Yes, that would help a lot.'],
    ],
  },
  {
    tag: 'dispute',
    summary: 'The customer says that the insurance should have paid.',
    keywords: ['insurance', 'dispute'],
    mood: [-70, -10],
    exchanges: [
      ['The invoice is for your visit in spring.', 'My insurance was supposed to cover that.'],
      ['Shall I send the claim once more?', 'Please do: they told me it was all settled.'],
    ],
  },
];

export const billingDays: Lines = ['Monday', 'Wednesday', 'Friday'];

export const billingDayparts: Lines = ['morning', 'afternoon'];

export const billingFarewell = 'Thank you for your time. Goodbye.';
