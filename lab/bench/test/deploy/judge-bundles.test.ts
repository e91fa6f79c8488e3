import { describe, expect, it } from 'vitest';
import { type JudgedCase, unmetByBundle } from '../../deploy/bundle/judge-bundles.ts';

const GOOD: JudgedCase = {
  ...{ name: 'bad-hook', fleet: 'node', requests: 900, failed: 0, sessionsLost: 6, expectedLost: 6, rolledBack: true },
  problems: [],
};

describe('a case of bundles', () => {
  it.each<[string, Partial<JudgedCase>, string[]]>([
    ['as expected', {}, []],
    ['fewer sessions lost than by a restart', { sessionsLost: 2 }, []],
    ['a failed request', { failed: 1 }, ['node, bad-hook: 1 of 900 requests failed']],
    ['more sessions lost', { sessionsLost: 7 }, ['node, bad-hook: 7 users lost a session, and a plain restart ends 6']],
    ['no rollback', { rolledBack: false }, ['node, bad-hook: the deploy was not rolled back']],
    ['a rollback that nobody wanted', { name: 'second' }, ['node, second: the deploy was rolled back']],
    [
      'no traffic, and a server with another release',
      { requests: 0, problems: ['other'] },
      ['node, bad-hook: no request was sent', 'node, bad-hook: other'],
    ],
  ])('%s', (_what, change, unmet) => {
    expect(unmetByBundle({ ...GOOD, ...change })).toEqual(unmet);
  });
});
