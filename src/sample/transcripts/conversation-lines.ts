/** Lines of the invented dental group's callers and front desks. Each call fills in `{…}`. */

type Lines = readonly [string, ...string[]];

/** A question of the front desk and the caller's answer. */
export type QuestionAndAnswer = readonly [agent: string, caller: string];

export interface Topic {
  readonly reasons: Lines;
  readonly exchanges: readonly QuestionAndAnswer[];
  /** Words that complete "Caller asked about …". */
  readonly summary: string;
}

export interface Ending {
  readonly exchanges: readonly QuestionAndAnswer[];
  readonly farewell: string;
  readonly summary: string;
  /** Range of the caller's mood, from -100 (bad) to 100 (good). */
  readonly mood: readonly [from: number, to: number];
}

export const greetings: Lines = [
  'Thank you for calling Bluefern Dental in {city}, this is {agent}. How can I help you?',
  'Bluefern Dental {city}, {agent} speaking.',
  'Good {daypart}, Bluefern Dental. You have reached {agent} at the front desk.',
];

export const agentNames: Lines = ['Renata', 'Malcolm', 'Ingrid', 'Dashiell', 'Noémie'];

export const topics: Readonly<Record<string, Topic>> = {
  Cleaning: {
    reasons: [
      'Hi, I would like to come in for a cleaning. It has been a while, to be honest.',
      "Hello, I got your reminder that I'm due for a cleaning.",
    ],
    exchanges: [
      ['When was your last cleaning, roughly?', 'Oh… two years ago? Maybe a little more.'],
      ['Any bleeding or sensitivity when you brush?', 'A bit on the lower left, nothing dramatic.'],
      ['Would you like X-rays at the same visit?', 'If they are due, yes. I would rather come only once.'],
      ['The hygienist needs about fifty minutes. Is that all right?', "That's fine, I'll take a long lunch."],
    ],
    summary: 'a cleaning',
  },
  Implants: {
    reasons: [
      "I'm calling about implants. I lost a molar last year and the bridge never felt right.",
      'Hi, I saw your page about implants and wanted to know how it works.',
    ],
    exchanges: [
      ['Is it one tooth or several?', 'Just the one, upper right, second from the back.'],
      ['Do you have a recent scan, or shall we take one?', 'My old dentist has one from the spring.'],
      ['From the first visit to the crown it is four to six months.', 'That long? Well, better done properly.'],
      ['The consultation is free, the scan is $180.', 'And the whole thing? I heard numbers up to $4,500.'],
      ['Dr. Okonkwo-Brandt places most of our implants.', 'Good, a friend of mine went to her.'],
    ],
    summary: 'a single implant',
  },
  Whitening: {
    reasons: [
      'Hi! I get married in six weeks and would love to have my teeth whitened before.',
      'I saw the whitening offer and wondered whether it is still on.',
    ],
    exchanges: [
      ['Have you had your teeth whitened before?', 'Only the strips from the drugstore.'],
      ['Any crowns or veneers in front? They keep their color.', "Oh, I didn't know that. No, none."],
      [
        'In the office it takes ninety minutes, at home two weeks with trays.',
        'In the office, please. I have no patience.',
      ],
      ['The offer is $249 until the end of the month.', 'Perfect, that is what the ad said.'],
    ],
    summary: 'whitening',
  },
  Emergency: {
    reasons: [
      "I cracked a tooth on an olive pit and it hurts like you wouldn't believe.",
      'My son fell off his bike and chipped a front tooth. Can anybody see him today?',
    ],
    exchanges: [
      ["I'm sorry to hear that. Is there any swelling?", 'A little. I have been holding ice on it.'],
      ['Is the pain constant, or only when biting?', 'Constant since last night. I hardly slept.'],
      ['Have you taken anything for it?', 'Ibuprofen, two hours ago. It takes the edge off.'],
      ['Did you keep the piece that broke off?', "Yes, it's in a glass of milk, as the internet says."],
      ['We keep two slots a day for emergencies, let me look.', 'Please. I can be there in twenty minutes.'],
    ],
    summary: 'a broken tooth',
  },
  Orthodontics: {
    reasons: [
      "My daughter's dentist says she needs braces. Do you do those?",
      'Hi, I wanted to ask about clear aligners for my youngest.',
    ],
    exchanges: [
      ['How old is the patient, if I may ask?', 'Thirteen in August. — Mom! — Fine, thirteen already.'],
      ['Is it crowding or the bite?', 'Both, they said. I have the letter right here.'],
      ['Treatment is usually fourteen to twenty months.', 'And how often would we have to come in?'],
      ['Every six weeks; some checks work by photo.', "That's easier than I expected."],
    ],
    summary: 'braces or aligners',
  },
};

/** Questions for any call that is long enough. */
export const smallTalk: readonly QuestionAndAnswer[] = [
  ['Have you been with us before?', 'No, first time. A neighbor recommended you.'],
  ['Which insurance do you have?', '{carrier}, through work.'],
  ['May I have the member number?', "Sure, it's [redacted]."],
  ['And your date of birth, please?', '[redacted].'],
  ['Are mornings or afternoons better for you?', 'Mornings, before ten if you have anything.'],
  ['Is a text reminder all right?', 'Yes, text is best. I never listen to voicemail.'],
  ['Are you nervous about dental visits? Many people are.', 'A little. I like to know what comes next.'],
  ['How did you find us?', 'I searched for a dentist near {callerCity}, and you came up.'],
  ['Any allergies or medication we should know of?', 'Penicillin. Otherwise nothing.'],
  ['Do you need directions? We are across from the library.', 'No, I know it. And there is parking, great.'],
  ['One moment, my screen is loading…', "No rush. It's the same at my office."],
  ['Could you spell your last name for me?', 'Sure: Q-U-I-L-L, then feather, like the bird.'],
];

export const endings: readonly [Ending, ...Ending[]] = [
  {
    exchanges: [
      ['I have {day} at {time}. Would that work?', 'Let me check… yes, {day} at {time} is good.'],
      ["You're all set. Please come ten minutes early for the forms.", 'Will do, thank you so much!'],
    ],
    farewell: 'See you on {day}. Bye now!',
    summary: 'An appointment was made for {day} at {time}.',
    mood: [20, 95],
  },
  {
    exchanges: [
      ['The first opening I have is {day} at {time}.', 'Hm, I have to talk to my husband first.'],
      ['Shall we call you back tomorrow?', 'After five, please.'],
    ],
    farewell: "We'll do that. Have a good {daypart}!",
    summary: 'The caller wants to be called back before deciding.',
    mood: [-20, 40],
  },
  {
    exchanges: [
      ["I'm afraid we are out of network with that plan.", 'Again? You are the third office today.'],
      ['We do have a discount plan for $99 a year.', "No, I'll keep looking. Thanks anyway."],
    ],
    farewell: "I'm sorry we couldn't help. Take care.",
    summary: 'No appointment: the caller looks for an office in network.',
    mood: [-90, -10],
  },
];

export const carriers: Lines = ['Northwind Dental', 'Evergreen Mutual', 'Cascadia Care'];
export const days: Lines = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
export const times: Lines = ['8:20', '9:00', '10:40', 'one thirty', 'quarter past three'];
export const dayparts: Lines = ['morning', 'afternoon'];
