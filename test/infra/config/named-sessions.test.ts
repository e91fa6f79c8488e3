import { describe, expect, it } from 'vitest';
import { applicationPrefixes } from '../../../infra/config/session-groups.ts';
import { adopted, EXISTING_GROUP, EXISTING_NETWORK, EXISTING_STORE, storeAlone, WATCHED_STORE } from '../adopted-configs.ts';
import { parse, refusal } from '../parse-config.ts';

const named = (...sessions: object[]) => ({ ...storeAlone(), store: { existing: WATCHED_STORE, sessions } });
/** One fleet next to the sessions that are named. */
const both = (keyPrefix: string | undefined, sessions: object[], existing: object = EXISTING_STORE) => ({
  ...adopted({ ...EXISTING_GROUP, ...(keyPrefix !== undefined && { sessions: { keyPrefix } }) }),
  store: { existing, sessions },
});

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

  it.each<[string, unknown, string, string]>([
    ['no fleet and a created store', {}, 'fleets', 'has no fleet, which a created store is for'],
    ['no fleet and no sessions', { ...storeAlone(), store: { existing: WATCHED_STORE } }, 'store.sessions', 'is required without fleets'],
    ['an empty list', named(), 'store.sessions ([])', 'at least 1 entry'],
    [
      'sessions of a created store',
      { store: { sessions: [{ keyPrefix: 'a:' }] }, fleets: {} },
      'store.sessions',
      'applies to an existing store only',
    ],
    [
      'a prefix that is a pattern',
      named({ keyPrefix: 'sess:*' }),
      'store.sessions.0.keyPrefix ("sess:*")',
      'are patterns in access strings',
    ],
    [
      'a framework that is none',
      named({ keyPrefix: 'a:', framework: 'express' }),
      'store.sessions.0.framework ("express")',
      'must be connect-redis',
    ],
    ['a prefix twice', named({ keyPrefix: 'a:' }, { keyPrefix: 'a:' }), 'store.sessions.1.keyPrefix ("a:")', 'is "a:" of store.sessions'],
    [
      'one that begins another',
      named({ keyPrefix: 'sess:shop:' }, { keyPrefix: 'sess:' }),
      'store.sessions.1.keyPrefix ("sess:")',
      'begins as "sess:shop:"',
    ],
    [
      'one that another begins',
      named({ keyPrefix: 'sess:' }, { keyPrefix: 'sess:shop:' }),
      'store.sessions.1.keyPrefix ("sess:shop:")',
      'begins as "sess:"',
    ],
    [
      'one that begins as a fleet’s',
      both('sess:shop:', [{ keyPrefix: 'sess:' }]),
      'store.sessions.0.keyPrefix ("sess:")',
      'begins as "sess:shop:" of fleet web',
    ],
    [
      'a fleet without a prefix',
      both(undefined, [{ keyPrefix: 'blog:' }]),
      'fleets.web.sessions.keyPrefix (absent)',
      'is required with store.sessions',
    ],
    [
      'a usual prefix without fleets',
      { ...storeAlone(), store: { existing: { ...WATCHED_STORE, keyPrefix: 'sess:' }, sessions: [{ keyPrefix: 'sess:' }] } },
      'store.existing.keyPrefix ("sess:")',
      'is for fleets, and there is none',
    ],
    [
      'Spring without a colon',
      named({ keyPrefix: 'shop', framework: 'spring-session' }),
      'store.sessions.0.keyPrefix ("shop")',
      'has to end with a colon',
    ],
    [
      'another framework than the fleet',
      {
        ...adopted({ ...EXISTING_GROUP, sessions: { keyPrefix: 'a:', framework: 'gorilla' } }),
        store: { existing: EXISTING_STORE, sessions: [{ keyPrefix: 'a:', framework: 'phpredis' }] },
      },
      'store.sessions.0.framework ("phpredis")',
      'differs from that of fleet web',
    ],
  ])('are refused with %s', (_, config, path, rule) => {
    expect(refusal(config)).toContain(`${path}`);
    expect(refusal(config)).toContain(rule);
  });
});
