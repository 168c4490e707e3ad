import { describe, expect, it } from 'vitest';
import { transcriptCountsLine } from '../../../src/domain/transcripts/transcript-counts.js';

describe('transcriptCountsLine', () => {
  it('always names the statuses in the same order, and none that no call has', () => {
    expect(transcriptCountsLine({ none: 3, pending: 0, available: 1_503 })).toBe('1,503 available, 3 none');
    expect(transcriptCountsLine({})).toBe('');
  });
});
