import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../src/domain/invoca/transaction-kind.js';

describe('kindOf', () => {
  it.each([
    ['Call', 'call'],
    ['CALL', 'call'],
    ['Post Call Event', 'post_call_event'],
    ['PostCallEvent', 'post_call_event'],
    ['post-call event', 'post_call_event'],
    ['post_call_event', 'post_call_event'],
    ['Sale', 'sale'],
    ['Reported Conversion', 'sale'],
    ['reported-conversion', 'sale'],
    ['Signal', 'signal'],
    ['Callback', 'other'],
    ['', 'other'],
    [null, 'other'],
  ])('reads %j as %s', (type, kind) => {
    expect(kindOf(type)).toBe(kind);
  });
});
