/** Which fleets share sessions: only those that both say so, and none by the letters of a prefix. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { applicationPrefixes, sessionGroups } from '../../../infra/config/session-groups.ts';
import { holdfastConfig } from '../../../infra/config.ts';
import { EXISTING_NETWORK, EXISTING_STORE, SECRET } from '../adopted-configs.ts';
import { formatRefusals } from '../parse-config.ts';

type Input = z.input<typeof holdfastConfig>;
type Sessions = NonNullable<NonNullable<Input['fleets']>[string]['sessions']>;

const fleetsOf = (fleets: Record<string, Sessions>): Input['fleets'] =>
  Object.fromEntries(Object.entries(fleets).map(([name, sessions]) => [name, { allowPlainHttp: true, sessions }]));
const existing = { network: { existing: EXISTING_NETWORK }, store: { existing: { ...EXISTING_STORE, keyPrefix: 'shop:' } } };
const prefixesOf = (fleets: Record<string, Sessions>, rest: Omit<Input, 'fleets'> = {}) =>
  sessionGroups(holdfastConfig.parse({ ...rest, fleets: fleetsOf(fleets) })).map(({ name, fleets: members, keyPrefix }) => ({
    name,
    members,
    keyPrefix,
  }));

describe('session groups', () => {
  it('a fleet shares with nobody by default, and its name is in its prefix', () => {
    expect(prefixesOf({ web: {}, 'web-2': {} })).toEqual([
      { name: 'web', members: ['web'], keyPrefix: 'sess:web:' },
      { name: 'web-2', members: ['web-2'], keyPrefix: 'sess:web-2:' },
    ]);
  });

  it('fleets that name the same group share, a fleet of that name too', () => {
    const shared = { name: 'web', members: ['web', 'api'], keyPrefix: 'checkout:' };
    expect(prefixesOf({ web: { group: 'web', keyPrefix: 'checkout:' }, api: { group: 'web' } })).toEqual([shared]);
  });

  it('fleets of an existing store have its prefix, or their own', () => {
    expect(prefixesOf({ web: {}, api: { keyPrefix: 'api:' } }, existing).map(({ keyPrefix }) => keyPrefix)).toEqual(['shop:', 'api:']);
    expect(applicationPrefixes(holdfastConfig.parse({ ...existing, fleets: fleetsOf({ web: {}, api: {} }) }))).toEqual([
      { prefix: 'shop:' },
    ]);
  });
});

describe('refused', () => {
  type Refused = readonly [what: string, fleets: Record<string, Sessions>, rest?: Omit<Input, 'fleets'>];
  const REFUSED: readonly Refused[] = [
    ['a fleet enters the sessions of one that does not say so', { web: {}, api: { group: 'web' } }],
    ['a group that no other fleet has', { web: { group: 'shop' }, api: {} }],
    ['a prefix that is another fleet’s', { web: { keyPrefix: 'sess:api:' }, api: {} }],
    ['a prefix that begins another fleet’s', { web: {}, api: { keyPrefix: 'sess:' } }],
    ['a prefix of which another fleet’s is the beginning', { web: { keyPrefix: 's' }, api: {} }],
    ...['sess:*', 'sess:?:', 'sess:[a-z]:', 'sess:\\', 'a b', ''].map(
      (keyPrefix): Refused => [`the prefix ${JSON.stringify(keyPrefix)}`, { web: { keyPrefix } }],
    ),
    ...['sess:{', '{app:', 'app}:', '{}:', '{a{b}}:', '}a{'].map(
      (keyPrefix): Refused => [`the prefix ${JSON.stringify(keyPrefix)}`, { web: { keyPrefix } }],
    ),
    ...[
      { keyPrefix: 'shop', framework: 'spring-session' as const },
      { keyPrefix: 'spring:session', channels: ['spring-session-indexed' as const] },
      { keyPrefix: 'shop', channels: ['redisson-tomcat' as const] },
    ].map((web): Refused => [`a prefix that lacks the colon which the framework adds: ${JSON.stringify(web)}`, { web }]),
    ['a group with two prefixes', { web: { group: 'x', keyPrefix: 'a:' }, api: { group: 'x', keyPrefix: 'b:' } }],
    ['channels of another fleet', { web: { channels: ['sess:api:news'] }, api: {} }],
    ['a pattern that includes channels of another fleet', { web: { channels: ['sess:*'] }, api: {} }],
    [
      'one channel of Redisson in two fleets',
      {
        web: { keyPrefix: 'redisson:a:', channels: ['redisson-tomcat'] },
        api: { keyPrefix: 'redisson:b:', channels: ['redisson-tomcat'] },
      },
    ],
    ['a group with a name that is no user id', { web: { group: 'a--b' }, api: { group: 'a--b' } }],
    ['a user of its own in a created store', { web: { application: { secretArn: SECRET } } }],
    ['a secret in another Region', { web: { application: { secretArn: SECRET.replace('us-east-1', 'eu-west-1') } } }, existing],
    ['channels in an existing store', { web: { channels: ['a:b'] } }, existing],
    ['more fleets than a user group has users', Object.fromEntries(Array.from({ length: 96 }, (_, at) => [`f${at}`, {}]))],
  ];

  it('are these configurations, as the page of refusals shows', async () => {
    const configs = REFUSED.map(([what, fleets, rest]) => [what, { ...rest, fleets: fleetsOf(fleets) }]);
    await expect(formatRefusals(Object.fromEntries(configs))).toMatchFileSnapshot(
      path.join(import.meta.dirname, 'refusals', 'shared-sessions.txt'),
    );
  });
});
