import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseKnown, createClassify } from '../../../functions/sweep/keys/classify-key.ts';
import { applicationPrefixes } from '../../../infra/config/session-groups.ts';
import { adopted, EXISTING_GROUP, EXISTING_NETWORK, EXISTING_STORE, storeAlone, WATCHED_STORE } from '../adopted-configs.ts';
import { formatRefusals, parse, refusal } from '../parse-config.ts';

const named = (...sessions: object[]) => ({ ...storeAlone(), store: { existing: WATCHED_STORE, sessions } });
/** One fleet next to the sessions that are named. */
const both = (keyPrefix: string | undefined, sessions: object[], existing: object = EXISTING_STORE) => ({
  ...adopted({ ...EXISTING_GROUP, ...(keyPrefix !== undefined && { sessions: { keyPrefix } }) }),
  store: { existing, sessions },
});

const REFUSED: Readonly<Record<string, unknown>> = {
  'no fleet and a created store': {},
  'no fleet and no sessions': { ...storeAlone(), store: { existing: WATCHED_STORE } },
  'an empty list': named(),
  'sessions of a created store': { store: { sessions: [{ keyPrefix: 'a:' }] }, fleets: {} },
  'a prefix that is a pattern': named({ keyPrefix: 'sess:*' }),
  'a framework that is none': named({ keyPrefix: 'a:', framework: 'express' }),
  'a prefix twice': named({ keyPrefix: 'a:' }, { keyPrefix: 'a:' }),
  'one that begins another': named({ keyPrefix: 'sess:shop:' }, { keyPrefix: 'sess:' }),
  'one that another begins': named({ keyPrefix: 'sess:' }, { keyPrefix: 'sess:shop:' }),
  // https://github.com/dotCMS/core/issues/35874
  'prod next to prod2': named({ keyPrefix: 'prod' }, { keyPrefix: 'prod2' }),
  // https://github.com/tj/connect-redis/issues/127
  'a domain next to another one': named({ keyPrefix: 'shop.example.com' }, { keyPrefix: 'shop.example.com.au' }),
  'one that begins as a fleet’s': both('sess:shop:', [{ keyPrefix: 'sess:' }]),
  'a fleet without a prefix': both(undefined, [{ keyPrefix: 'blog:' }]),
  'a usual prefix without fleets': {
    ...storeAlone(),
    store: { existing: { ...WATCHED_STORE, keyPrefix: 'sess:' }, sessions: [{ keyPrefix: 'sess:' }] },
  },
  'Spring without a colon': named({ keyPrefix: 'shop', framework: 'spring-session' }),
  'another framework than the fleet': {
    ...adopted({ ...EXISTING_GROUP, sessions: { keyPrefix: 'a:', framework: 'gorilla' } }),
    store: { existing: EXISTING_STORE, sessions: [{ keyPrefix: 'a:', framework: 'phpredis' }] },
  },
};

describe('the sessions of a store without fleets', () => {
  it('need no subnets of a load balancer and servers, which fleets do', () => {
    const { webSubnetIds: _, ...network } = EXISTING_NETWORK;
    expect(parse(storeAlone({ network: { existing: network } })).network.existing).toEqual(network);
    expect(refusal({ ...adopted(), network: { existing: network } })).toContain(
      'network.existing.webSubnetIds (absent): is required with fleets',
    );
  });

  it('are what is swept and read, in their order', () => {
    const config = parse(named({ keyPrefix: 'sess:', framework: 'connect-redis' }, { keyPrefix: 'shop:' }));
    expect(config.fleets).toEqual({});
    expect(applicationPrefixes(config)).toEqual([{ prefix: 'sess:', framework: 'connect-redis' }, { prefix: 'shop:' }]);
  });

  it('have no usual prefix next to them, and parse to the same value when they are parsed again, as the recorded configuration is', () => {
    const config = parse(named({ keyPrefix: 'app1:sess:' }));
    expect(config.store.existing).not.toHaveProperty('keyPrefix');
    expect(parse(config)).toEqual(config);
  });

  it('leave a store without them as it was: its prefix is sess:, in its place', () => {
    expect(Object.keys(parse(adopted()).store.existing ?? {})).toEqual([
      ...['host', 'port', 'tls', 'auth', 'engine', 'engineVersion', 'replicationGroupId', 'userName', 'application', 'securityGroupId'],
      ...['keyPrefix', 'replicas'],
    ]);
  });

  it('stand next to those of fleets, whose prefix may be one of them: the application that was watched is deployed', () => {
    const apart = parse(both('shop:', [{ keyPrefix: 'blog:' }]));
    expect(applicationPrefixes(apart)).toEqual([{ prefix: 'shop:' }, { prefix: 'blog:' }]);
    const same = parse(both('sess:', [{ keyPrefix: 'sess:', framework: 'connect-redis' }]));
    expect(applicationPrefixes(same)).toEqual([{ prefix: 'sess:', framework: 'connect-redis' }]);
    const usual = parse(both(undefined, [{ keyPrefix: 'blog:' }], { ...EXISTING_STORE, keyPrefix: 'sess:' }));
    expect(applicationPrefixes(usual)).toEqual([{ prefix: 'sess:' }, { prefix: 'blog:' }]);
  });

  it('are refused with the value and the rule, as the page of refusals shows', async () => {
    await expect(formatRefusals(REFUSED)).toMatchFileSnapshot(path.join(import.meta.dirname, 'refusals', 'named-sessions.txt'));
  });
});

/** What people have reported of stores that sessions share with other keys without a TTL: a sweep may touch the sessions alone. */
describe('a store that sessions share with other keys', () => {
  const roleBy = (...sessions: object[]) => {
    const classify = createClassify({ dialects: [], idleSeconds: {}, keyPrefixes: applicationPrefixes(parse(named(...sessions))) });
    return (key: string, type: string, start: string) => {
      const value = { fields: {}, text: { start, isWhole: true } };
      const known = chooseKnown(classify(key, type), key, () => value);
      return known && `${known.dialect.name} ${known.rule.role}`;
    };
  };

  it.each([
    // https://github.com/nextcloud/server/issues/32203
    [
      'a cache under a prefix that changes',
      [{ keyPrefix: 'PHPREDIS_SESSION:', framework: 'phpredis' }],
      'b3a5c9e1/appstore-cats',
      'string',
      '["files"]',
    ],
    // https://github.com/mozilla/sccache/issues/275
    ['a compiler cache', [{ keyPrefix: 'sess:', framework: 'connect-redis' }], 'd41d8cd98f00b204e9800998ecf8427e', 'string', 'PK\x03\x04'],
    // https://github.com/smrchy/redis-sessions/issues/24
    ['sessions of a library that wipes its own', [{ keyPrefix: 'sess:' }], 'rs:web:Nhr1yWqk5ZOo3', 'hash', ''],
  ])('leaves %s alone', (_, sessions, key, type, start) => {
    expect(roleBy(...sessions)(key, type, start)).toBeUndefined();
  });

  it('knows the sessions there, by the prefix that the application chose', () => {
    const ofStore = '{"cookie":{"originalMaxAge":86400000,"expires":"2026-11-29T10:00:00.000Z","httpOnly":true,"path":"/"}}';
    const key = 'prod-eu/Nhr1yWqk5ZOo3';
    expect(roleBy({ keyPrefix: 'prod-eu/', framework: 'connect-redis' })(key, 'string', ofStore)).toBe('connect-redis session');
    expect(roleBy({ keyPrefix: 'sess:', framework: 'connect-redis' })(key, 'string', ofStore)).toBeUndefined();
  });
});
