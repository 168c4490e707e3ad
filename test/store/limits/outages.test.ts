import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

describe('outages', () => {
  it('last from the first failed request to the first that is answered', async () => {
    const { outages } = mongodb.store;
    const [first, second, third] = [1, 2, 3].map((minute) => new Date(Date.UTC(2025, 5, 9, 12, minute)));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three instants');
    expect(await outages.read('acme')).toBeNull();

    await outages.note({ account: 'acme', at: first, reason: '$refused' });
    await outages.note({ account: 'acme', at: second, reason: 'reset' });
    await outages.note({ account: 'other', at: second, reason: 'reset' });
    expect(await outages.read('acme')).toEqual({ since: first, at: second, reason: 'reset' });

    await outages.end('acme');
    await outages.end('acme');
    expect(await outages.read('acme')).toBeNull();
    expect(await outages.read('other')).not.toBeNull();
    await outages.note({ account: 'acme', at: third, reason: '$refused' });
    expect(await outages.read('acme')).toEqual({ since: third, at: third, reason: '$refused' });
  });

  it('begin once, however many requests fail at the same moment', async () => {
    const { outages } = mongodb.store;
    const at = new Date();

    await Promise.all(Array.from({ length: 20 }, () => outages.note({ account: 'burst', at, reason: 'reset' })));

    expect(await outages.read('burst')).toEqual({ since: at, at, reason: 'reset' });
  });
});
