/** An invented dental group, its locations and campaigns. All phone numbers are from the fictitious 555-01xx range. */

export interface Location {
  readonly code: string;
  readonly city: string;
  readonly region: string;
  readonly phone: string;
}

export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly promoNumber: string;
  readonly utmSource: string | null;
  readonly utmMedium: string | null;
  readonly landingPage: string | null;
  /** Name of a publisher that is paid per call; null for the group's own media. */
  readonly affiliateName: string | null;
}

export const groupName = 'Bluefern Dental Group';

export const locations: readonly [Location, ...Location[]] = [
  { code: 'RNO-1', city: 'Reno', region: 'NV', phone: '775-555-0110' },
  { code: 'RNO-2', city: 'Sparks', region: 'NV', phone: '775-555-0111' },
  { code: 'SAC-1', city: 'Sacramento', region: 'CA', phone: '916-555-0112' },
  { code: 'BOI-1', city: 'Boise', region: 'ID', phone: '208-555-0113' },
  { code: 'PDX-1', city: 'Portland', region: 'OR', phone: '503-555-0114' },
  { code: 'SPK-1', city: 'Spokane', region: 'WA', phone: '509-555-0115' },
];

export const campaigns: readonly [Campaign, ...Campaign[]] = [
  onlineCampaign({
    id: '501101',
    name: 'Search - New Patients',
    medium: 'cpc',
    source: 'google',
    page: 'new-patients',
  }),
  onlineCampaign({ id: '501102', name: 'Search - Implants', medium: 'cpc', source: 'google', page: 'implants' }),
  onlineCampaign({ id: '501103', name: 'Search - Emergency', medium: 'cpc', source: 'bing', page: 'emergency' }),
  onlineCampaign({ id: '501104', name: 'Local Listings', medium: 'organic', source: 'google', page: 'locations' }),
  onlineCampaign({ id: '501105', name: 'Social - Whitening', medium: 'social', source: 'facebook', page: 'whitening' }),
  offlineCampaign({ id: '501106', name: 'Direct Mail - Spring', mediaType: 'Offline: Direct Mail' }),
  offlineCampaign({ id: '501107', name: 'Radio - Drive Time', mediaType: 'Offline: Radio' }),
  offlineCampaign({
    id: '501108',
    name: 'Smile Finder',
    mediaType: 'Online: Directory',
    affiliateName: 'Smile Finder',
  }),
];

/** Campaign that forwards its calls to another campaign, so that a call has two transactions. */
export const bundle: Campaign = offlineCampaign({ id: '501190', name: 'Bundle West', mediaType: 'Offline: TV' });

export const callerAreas: readonly [Caller, ...Caller[]] = [
  { areaCode: '775', city: 'Reno', region: 'NV' },
  { areaCode: '775', city: 'Carson City', region: 'NV' },
  { areaCode: '916', city: 'Sacramento', region: 'CA' },
  { areaCode: '530', city: 'Chico', region: 'CA' },
  { areaCode: '208', city: 'Boise', region: 'ID' },
  { areaCode: '503', city: 'Portland', region: 'OR' },
  { areaCode: '541', city: 'Eugene', region: 'OR' },
  { areaCode: '509', city: 'Spokane', region: 'WA' },
];

interface Caller {
  readonly areaCode: string;
  readonly city: string;
  readonly region: string;
}

export const callerNames: readonly [string, ...string[]] = [
  'Mara Quillfeather',
  'Tobias Renning',
  'Zoë Abernath',
  'José Villamorra',
  'Priya Sandoval-Kerr',
  'Hollis Van Der Meyt',
];

export const serviceLines: readonly [string, ...string[]] = [
  'Cleaning',
  'Implants',
  'Whitening',
  'Emergency',
  'Orthodontics',
];

export const hangupCauses: readonly [string, ...string[]] = ['Caller: Hang-up', 'Destination: Hang-up'];

export const unansweredCauses: readonly [string, ...string[]] = [
  'Destination: No Answer',
  'Destination: Error (503 or Fast Busy)',
];

export const ivrHangupCauses: readonly [string, ...string[]] = ['IVR: Hang-up', 'Caller: Hang-up'];

function onlineCampaign(campaign: {
  id: string;
  name: string;
  medium: string;
  source: string;
  page: string;
}): Campaign {
  return {
    id: campaign.id,
    name: campaign.name,
    mediaType: campaign.medium === 'cpc' ? 'Online: Search' : 'Pooling',
    promoNumber: `888-555-0${campaign.id.slice(-3)}`,
    utmSource: campaign.source,
    utmMedium: campaign.medium,
    landingPage: `https://bluefern-dental.example/${campaign.page}`,
    affiliateName: null,
  };
}

function offlineCampaign(campaign: { id: string; name: string; mediaType: string; affiliateName?: string }): Campaign {
  return {
    id: campaign.id,
    name: campaign.name,
    mediaType: campaign.mediaType,
    promoNumber: `888-555-0${campaign.id.slice(-3)}`,
    utmSource: null,
    utmMedium: null,
    landingPage: null,
    affiliateName: campaign.affiliateName ?? null,
  };
}
