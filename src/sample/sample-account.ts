/** The account under which the built-in sample feed is served. */
export const servedInvocaAccount = {
  name: 'sample',
  networkId: '2025',
  advertiserId: '217001',
  affiliateId: '340077',
  token: 'sample-token-that-opens-nothing',
  seed: 20_250_602,
  timeZone: 'America/Los_Angeles',
} as const;

/** The account under which the sample invoices are served. */
export const servedCrediraAccount = {
  name: 'sample-credira',
  apiKey: 'sample-key-that-opens-nothing',
} as const;
