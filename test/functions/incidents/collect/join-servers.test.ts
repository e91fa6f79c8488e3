/** What several servers' samples of sessions show together. */
import { describe, expect, it } from 'vitest';
import { joinServers } from '../../../../functions/incidents/collect/describe-server.ts';
import { access, server, traces } from '../healthy-evidence.ts';

const KEY = 'ab'.repeat(32);
const sampled = (id: string, hashes: readonly string[], sampledTo?: string) => {
  const [trace] = Object.values(traces(id, 1));
  const sessions = Object.fromEntries(hashes.map((hash) => [hash, trace as NonNullable<typeof trace>]));
  return { ...server(id, { access: access(id, { sessions }) }), ...(sampledTo !== undefined && { sampledTo }) };
};
const join = (...servers: readonly ReturnType<typeof sampled>[]) =>
  joinServers(servers, ['i-1', 'i-2', 'i-3'], KEY).map(({ access: log }) => [
    Object.keys(log?.sessions ?? {}).length,
    log?.partial === true,
  ]);
const WIDE = ['111111111111', '555555555555', '999999999999'];

describe('a sample that ends long before the others', () => {
  const early = sampled('i-3', ['000000000001'], '000000000001');

  it('does not cut them: it is taken for one of a part', () => {
    expect(join(sampled('i-1', WIDE, '999999999999'), sampled('i-2', WIDE), early)).toEqual([
      [3, false],
      [3, false],
      [1, true],
    ]);
    expect(join(sampled('i-1', WIDE), early)).toEqual([
      [3, false],
      [1, true],
    ]);
  });
});

describe('a sample of ids that clients alone named', () => {
  const named = (id: string, unknownTo?: string) => ({ ...sampled(id, WIDE), ...(unknownTo !== undefined && { unknownTo }) });
  const beyond = (...servers: readonly ReturnType<typeof named>[]) =>
    joinServers(servers, ['i-1', 'i-2', 'i-3'], KEY).map(({ access: log }) => [
      Object.values(log?.sessions ?? {}).filter((trace) => trace.beyond).length,
      log?.partial === true,
    ]);

  it('that ends before the others cuts none of the sessions that servers knew, and marks those behind its end', () => {
    expect(beyond(named('i-1', '555555555555'), named('i-2'), named('i-3'))).toEqual(Array(3).fill([1, false]));
    expect(join(named('i-1', '555555555555'), named('i-2'), named('i-3'))).toEqual(Array(3).fill([3, false]));
    expect(beyond(...['i-1', 'i-2', 'i-3'].map((id) => named(id, '000000000001')))).toEqual(Array(3).fill([3, false]));
  });

  it('that alone ends long before the others is one of a part, and marks nothing', () => {
    expect(beyond(named('i-1', '000000000001'), named('i-2'), named('i-3'))).toEqual([
      [0, true],
      [0, false],
      [0, false],
    ]);
  });
});

it('is cut where a server with more sessions ends a little before', () => {
  expect(
    join(sampled('i-1', WIDE, '999999999999'), sampled('i-2', WIDE), sampled('i-3', ['111111111111', '555555555555'], '555555555555')),
  ).toEqual([
    [2, false],
    [2, false],
    [2, false],
  ]);
});
