/** Account of the built-in sample feed. */
export const servedInvocaAccount = {
  name: 'sample',
  networkId: '2025',
  advertiserId: '217001',
  affiliateId: '340077',
  token: 'sample-token-that-opens-nothing',
  seed: 20_250_602,
  timeZone: 'America/Los_Angeles',
} as const;

/** Account of the sample invoices. */
export const servedCrediraAccount = {
  name: 'sample-credira',
  apiKey: 'sample-key-that-opens-nothing',
} as const;
