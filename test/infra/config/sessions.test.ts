/** Which fleets share sessions: only those that both say so, and none by the letters of a prefix. */
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { applicationPrefixes, sessionGroups } from '../../../infra/config/session-groups.ts';
import { holdfastConfig } from '../../../infra/config.ts';
import { EXISTING_NETWORK, EXISTING_STORE, SECRET } from '../adopted-configs.ts';

type Input = z.input<typeof holdfastConfig>;
type Sessions = NonNullable<NonNullable<Input['fleets']>[string]['sessions']>;

const fleetsOf = (fleets: Record<string, Sessions>): Input['fleets'] =>
  Object.fromEntries(Object.entries(fleets).map(([name, sessions]) => [name, { allowPlainHttp: true, sessions }]));
const parse = (fleets: Record<string, Sessions>, rest: Omit<Input, 'fleets'> = {}) =>
  holdfastConfig.safeParse({ ...rest, fleets: fleetsOf(fleets) });
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
  it.each<[string, Record<string, Sessions>, string, RegExp, Omit<Input, 'fleets'>?]>([
    [
      'a fleet enters the sessions of one that does not say so',
      { web: {}, api: { group: 'web' } },
      'fleets.api.sessions.group',
      /does not share its sessions: set fleets\.web\.sessions\.group to "web" too/,
    ],
    ['a group that no other fleet has', { web: { group: 'shop' }, api: {} }, 'fleets.web.sessions.group', /is the group of no other fleet/],
    [
      'a prefix that is another fleet’s',
      { web: { keyPrefix: 'sess:api:' }, api: {} },
      'fleets.web.sessions.keyPrefix',
      /begins the keys of fleet api too/,
    ],
    [
      'a prefix that begins another fleet’s',
      { web: {}, api: { keyPrefix: 'sess:' } },
      'fleets.api.sessions.keyPrefix',
      /begins the keys of fleet web too \(sess:web:\)/,
    ],
    [
      'a prefix of which another fleet’s is the beginning',
      { web: { keyPrefix: 's' }, api: {} },
      'fleets.web.sessions.keyPrefix',
      /begins the keys of fleet api/,
    ],
    ...['sess:*', 'sess:?:', 'sess:[a-z]:', 'sess:\\', 'a b', ''].map((keyPrefix): [string, Record<string, Sessions>, string, RegExp] => [
      `the prefix ${JSON.stringify(keyPrefix)}`,
      { web: { keyPrefix } },
      'fleets.web.sessions.keyPrefix',
      /others are patterns in access strings/,
    ]),
    ...['sess:{', '{app:', 'app}:', '{}:', '{a{b}}:', '}a{'].map((keyPrefix): [string, Record<string, Sessions>, string, RegExp] => [
      `the prefix ${JSON.stringify(keyPrefix)}`,
      { web: { keyPrefix } },
      'fleets.web.sessions.keyPrefix',
      /has a brace without its pair/,
    ]),
    ...[
      { keyPrefix: 'shop', framework: 'spring-session' as const },
      { keyPrefix: 'spring:session', channels: ['spring-session-indexed' as const] },
      { keyPrefix: 'shop', channels: ['redisson-tomcat' as const] },
    ].map((web): [string, Record<string, Sessions>, string, RegExp] => [
      `a prefix that lacks the colon which the framework adds: ${JSON.stringify(web)}`,
      { web },
      'fleets.web.sessions.keyPrefix',
      /has to end with a colon/,
    ]),
    [
      'a group with two prefixes',
      { web: { group: 'x', keyPrefix: 'a:' }, api: { group: 'x', keyPrefix: 'b:' } },
      'fleets.api.sessions.keyPrefix',
      /differs from that of fleet web/,
    ],
    [
      'channels of another fleet',
      { web: { channels: ['sess:api:news'] }, api: {} },
      'fleets.web.sessions.channels',
      /contains sess:api:news, which matches channels of fleet api/,
    ],
    [
      'a pattern that includes channels of another fleet',
      { web: { channels: ['sess:*'] }, api: {} },
      'fleets.web.sessions.channels',
      /contains sess:\*/,
    ],
    [
      'one channel of Redisson in two fleets',
      {
        web: { keyPrefix: 'redisson:a:', channels: ['redisson-tomcat'] },
        api: { keyPrefix: 'redisson:b:', channels: ['redisson-tomcat'] },
      },
      'fleets.web.sessions.keyPrefix',
      /has the channels of Redisson in fleet api too/,
    ],
    [
      'a group with a name that is no user id',
      { web: { group: 'a--b' }, api: { group: 'a--b' } },
      'fleets.web.sessions.group',
      /cannot have the id holdfast-app-a--b/,
    ],
    [
      'a user of its own in a created store',
      { web: { application: { secretArn: SECRET } } },
      'fleets.web.sessions.application',
      /existing store only/,
    ],
    [
      'a secret in another Region',
      { web: { application: { secretArn: SECRET.replace('us-east-1', 'eu-west-1') } } },
      'fleets.web.sessions.application.secretArn',
      /is not in us-east-1/,
      existing,
    ],
    ['channels in an existing store', { web: { channels: ['a:b'] } }, 'fleets.web.sessions.channels', /created store only/, existing],
    [
      'more fleets than a user group has users',
      Object.fromEntries(Array.from({ length: 96 }, (_, at) => [`f${at}`, {}])),
      'fleets',
      /ElastiCache allows 94/,
    ],
  ])('%s', (_, fleets, path, message, rest) => {
    const { error } = parse(fleets, rest);
    const issue = error?.issues.find((one) => one.path.join('.') === path);
    expect(issue?.message, JSON.stringify(error?.issues)).toMatch(message);
  });
});
