import type { CallFacts } from './call-facts.js';
import type { CustomEntry } from './call-row.js';
import type { Random } from '../random.js';

/** Returns the entries known at the end of a call: Marketing Data, and Signals that do not need the conversation. */
export function entriesAtEnd(facts: CallFacts, random: Random): CustomEntry[] {
  const entries = [...attribution(facts, random), ...serviceEntries(facts)];
  entries.push(signal('Over 60s', 'Expression', facts.connectSeconds > 60));
  entries.push(signal('30_Seconds_Plus_Calls', 'Expression', facts.connectSeconds > 30));
  entries.push(signal('Pressed 1: Appointments', 'Ivr', true));
  return entries;
}

export function signal(name: string, source: string, value: boolean | null): CustomEntry {
  return { name, data_type: 'Signal', source, value };
}

export function category(name: string, source: string, value: string): CustomEntry {
  return { name, data_type: 'Category', source, value };
}

/** Replaces the entries of the same names, and appends the changes. */
export function withEntries(entries: readonly CustomEntry[], changes: readonly CustomEntry[]): CustomEntry[] {
  const changed = new Set(changes.map(({ name }) => name));
  return [...entries.filter(({ name }) => name === undefined || !changed.has(name)), ...changes];
}

function attribution({ campaign }: CallFacts, random: Random): CustomEntry[] {
  if (campaign.utmMedium === null || campaign.utmSource === null || campaign.landingPage === null) return [];
  const clickId = random.hex(20).toLowerCase();
  // Either key may appear.
  const key = random.chance(0.3) ? { partner_name: 'gclid' } : { name: 'gclid' };
  const entries = [
    category('utm_medium', 'DynamicAttribution', campaign.utmMedium),
    category('utm_source', 'DynamicAttribution', campaign.utmSource),
    { name: 'landing_page', data_type: 'Long Text', source: 'DynamicAttribution', value: campaign.landingPage },
  ];
  if (campaign.utmMedium !== 'cpc') return entries;
  return [...entries, { ...key, data_type: 'Short Text', source: 'DynamicAttribution', value: clickId }];
}

function serviceEntries({ location, serviceLine }: CallFacts): CustomEntry[] {
  return [
    category('service_line', 'LookupTable', serviceLine),
    // Names of custom fields may contain dots, spaces and dollars.
    category('location.code', 'VirtualLine', location.code),
    category('Lead $ Tier', 'Default', serviceLine === 'Implants' ? 'A' : 'B'),
  ];
}
