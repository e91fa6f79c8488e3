import { describe, expect, it } from 'vitest';
import { type DrainsAhead, warnOfBlindDrains } from '../../../../functions/deploy/assess/warn-of-blind-drains.ts';

const probe = { path: '/stats', field: 'n' };
const facts: DrainsAhead = {
  versions: ['1', '1', '2'],
  contracts: new Map([
    ['1', { inFlight: probe, requests: probe }],
    ['2', {}],
  ]),
  protocolVersion: 'HTTP1',
  settings: { drainSignal: 'auto', deregistrationDelaySeconds: 300, drainFloorSeconds: 10 },
};
const warn = (change: Partial<DrainsAhead> & { readonly signal?: DrainsAhead['settings']['drainSignal'] }) =>
  warnOfBlindDrains({ ...facts, ...change, settings: { ...facts.settings, drainSignal: change.signal ?? 'auto' } });

describe('warnOfBlindDrains', () => {
  it.each([
    ['the kernel can show the requests', {}],
    ['the kernel is to show them', { signal: 'kernel' as const }],
    ['every release offers counts', { protocolVersion: 'HTTP2', versions: ['1', '1'] }],
    ['only placeholders are replaced', { signal: 'blind' as const, versions: ['none', 'none'] }],
    ['there is no target to roll', { signal: 'blind' as const, versions: [] }],
    ['the target group has no protocol version', { protocolVersion: undefined }],
  ])('says nothing when %s', (_, change) => {
    expect(warn(change)).toBeUndefined();
  });

  it.each([
    [
      { signal: 'blind' as const },
      'The drain of 3 servers will be blind, and take 310 s per server (15 m 30 s in all): drainSignal is "blind". Requests that take longer than 300 s are cut. Leave drainSignal out, and a drain ends when its requests have ended.',
    ],
    [
      { signal: 'counts' as const },
      'The drain of 1 server will be blind, and take 310 s per server (5 m 10 s in all): drainSignal is "counts", and release 2 has no inFlight and requests probes. Requests that take longer than 300 s are cut. Add these probes to holdfast.app.json, or leave drainSignal out.',
    ],
    [
      { protocolVersion: 'HTTP2' },
      'The drain of 1 server will be blind, and take 310 s per server (5 m 10 s in all): the target group has protocol version HTTP2, of which only the application can count requests, and release 2 has no inFlight and requests probes. Requests that take longer than 300 s are cut. Add these probes to holdfast.app.json.',
    ],
    [{ protocolVersion: 'GRPC', versions: ['unknown'] }, 'protocol version GRPC'],
  ])('says which drains will be blind, for how long, and what to do: %j', (change, expected) => {
    expect(warn(change)).toContain(expected);
  });
});
