import { describe, expect, it } from 'vitest';
import { linkDepths } from '../../../src/domain/invoca/links.js';

function depths(corrections: Record<string, string | null>): Record<string, number | undefined> {
  const all = linkDepths(new Map(Object.entries(corrections)));
  return Object.fromEntries(Object.keys(corrections).map((id) => [id, all.get(id)]));
}

describe('linkDepths', () => {
  it('counts the links to the original', () => {
    expect(depths({ C: 'B', B: 'A', A: null, D: 'A' })).toEqual({ A: 0, B: 1, C: 2, D: 1 });
  });

  it('counts a missing id as a step', () => {
    expect(depths({ B: 'A', C: 'B' })).toEqual({ B: 1, C: 2 });
  });

  it('counts a loop from its smallest id, and continues along the links that lead into it', () => {
    expect(depths({ C: 'D', D: 'B', B: 'C', A: 'D' })).toEqual({ B: 0, C: 2, D: 1, A: 2 });
    expect(depths({ A: 'A', B: 'A' })).toEqual({ A: 0, B: 1 });
  });

  it('handles long chains and long loops', () => {
    const length = 100_000;
    const chain = new Map(
      Array.from({ length }, (_, index) => [String(index), index === 0 ? null : String(index - 1)]),
    );
    const loop = new Map(Array.from({ length }, (_, index) => [String(index), String((index + 1) % length)]));

    expect(linkDepths(chain).get('99999')).toBe(99_999);
    expect(linkDepths(loop).get('1')).toBe(99_999);
  });
});
