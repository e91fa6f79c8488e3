/** Fleets of an existing store that can reach each other's sessions are reported at synthesis. */
import { describe, expect, it } from 'vitest';
import { holdfastConfig } from '../../infra/config.ts';
import { adopted, BEHIND_A_LISTENER, EXISTING_GROUP, EXISTING_STORE, SECRET } from './adopted-configs.ts';
import { foundBy } from './found-by.ts';
import { SynthesizedApp } from './synthesized.ts';

const sessionWarnings = (config: object) =>
  foundBy(
    config,
    ...['servers-sign-in-without-password', 'key-prefix-is-one-slot', 'fleets-share-store-user'],
    ...['fleets-share-key-prefix', 'fleets-share-instance-role'],
  );
type Sessions = Record<string, unknown>;
const config = (web: Sessions, api: Sessions, application: object | undefined = EXISTING_STORE.application) => {
  const { application: _, ...store } = EXISTING_STORE;
  const base = adopted(EXISTING_GROUP, { existing: { ...store, ...(application && { application: application as never }) } });
  return {
    ...base,
    fleets: { web: { ...EXISTING_GROUP, sessions: web }, api: { ...BEHIND_A_LISTENER, sessions: api } },
  } as typeof base;
};
const warningsOf = (...args: Parameters<typeof config>) =>
  sessionWarnings(holdfastConfig.parse(config(...args))).map(({ check, sentence }) => [check, sentence]);
const OWN = { userName: 'api', secretArn: `${SECRET.slice(0, -6)}GhIjKl` };

describe('servers without a user at an existing store', () => {
  const of = (store: object, web: object = EXISTING_GROUP) =>
    sessionWarnings(
      holdfastConfig.parse({ ...adopted(), store: { existing: { ...EXISTING_STORE, application: undefined, ...store } }, fleets: { web } }),
    );
  const OPEN = { auth: 'none', userName: undefined };
  const PASSWORD = { auth: 'password', secretArn: SECRET };

  it.each([
    ['IAM', {}],
    ['a password', PASSWORD],
  ])('get a warning where the functions sign in by %s', (_, store) => {
    expect(of(store)).toEqual([
      {
        check: 'servers-sign-in-without-password',
        sentence: expect.stringMatching(
          /^The servers of fleet web sign in to the existing store without a password,.*sessions\.application\.$/,
        ),
      },
    ]);
  });

  it('is said of created servers too, and of none that keep their sessions themselves', () => {
    expect(of(PASSWORD, BEHIND_A_LISTENER)).toHaveLength(1);
    expect(of(PASSWORD, { ...BEHIND_A_LISTENER, strategy: 'tomcat-cluster' })).toEqual([]);
  });

  it.each([
    ['a store without users', OPEN, EXISTING_GROUP],
    ['a user of the store', { ...PASSWORD, application: { secretArn: SECRET } }, EXISTING_GROUP],
    ['a user of the fleet', PASSWORD, { ...EXISTING_GROUP, sessions: { application: { secretArn: SECRET } } }],
  ])('need no warning with %s', (_, store, web) => {
    expect(of(store, web)).toEqual([]);
  });
});

describe('an existing store with two fleets', () => {
  it('that sign in with one password and have one prefix: a warning each', () => {
    expect(warningsOf({}, {})).toEqual([
      [
        'fleets-share-store-user',
        expect.stringMatching(/^Fleets web, api sign in to the existing store as the same user: .*sessions\.application/),
      ],
      ['fleets-share-key-prefix', expect.stringMatching(/^The keys of Fleets web, api begin alike \(sess:\)/)],
    ]);
  });

  it('that sign in without a password', () => {
    const { application: _, ...fleets } = { ...config({}, {}), application: undefined };
    const store = { existing: { ...EXISTING_STORE, application: undefined } };
    const shared = sessionWarnings(holdfastConfig.parse({ ...fleets, store })).find(({ check }) => check === 'fleets-share-store-user');
    expect(shared?.sentence).toContain('without a password');
  });

  it.each([
    [
      'with users of their own, of which one secret has the password',
      { ...OWN, secretArn: SECRET },
      'with the password of the same secret',
    ],
    ['as one user, with a secret each', { ...OWN, userName: EXISTING_STORE.application?.userName }, 'as the same user'],
  ])('that sign in %s', (_, application, how) => {
    expect(warningsOf({ keyPrefix: 'sess:web:' }, { application, keyPrefix: 'sess:api:' })).toEqual([
      ['fleets-share-store-user', expect.stringContaining(`Fleets web, api sign in to the existing store ${how}`)],
    ]);
  });

  it('whose prefix has a hash tag, which is one shard in cluster mode', () => {
    expect(warningsOf({ keyPrefix: '{shop}:' }, { application: OWN, keyPrefix: 'sess:api:' })).toEqual([
      [
        'key-prefix-is-one-slot',
        expect.stringContaining('The keys of fleet web begin with {shop}:: if the existing store is in cluster mode'),
      ],
    ]);
  });

  it('with users of their own, and one prefix that begins the other', () => {
    expect(warningsOf({}, { application: OWN, keyPrefix: 'sess:api:' }).map(([id]) => id)).toEqual(['fleets-share-key-prefix']);
  });

  it.each([
    ['with users and prefixes of their own', { keyPrefix: 'sess:web:' }, { application: OWN, keyPrefix: 'sess:api:' }],
    ['that share their sessions on purpose', { group: 'shop' }, { group: 'shop' }],
  ])('%s: no warning', (_, web, api) => {
    expect(warningsOf(web, api)).toEqual([]);
  });

  it('has the warnings in `cdk synth`; each role reads the secret of its own fleet, and servers get their prefix', async () => {
    const app = await SynthesizedApp.create(config({}, { application: OWN }));
    try {
      const warnings = app.warnings['holdfast-store-operations'] ?? [];
      expect(warnings.filter((text) => text.includes('fleets-share'))).toHaveLength(1);
      const policies = app
        .resources('AWS::IAM::Policy')
        .map(({ stackName, Properties }) => [stackName, JSON.stringify(Properties)] as const);
      const readers = (arn: string) => policies.filter(([, text]) => text.includes(arn)).map(([stackName]) => stackName);
      // The servers' role and that of the store's witness.
      const twice = (stack: string) => [stack, stack];
      expect([readers(SECRET), readers(OWN.secretArn)]).toEqual([twice('holdfast-web-web-tier'), twice('holdfast-api-web-tier')]);
      const [launch] = app.resources('AWS::EC2::LaunchTemplate');
      expect(JSON.stringify(launch)).toMatch(/store_user='api'.*store_key_prefix='sess:'/);
    } finally {
      await app.remove();
    }
    // As a hook that synthesizes.
  });
});

const fleetsWithRoles = (one: string | undefined, two: string | undefined) =>
  holdfastConfig.parse({
    ...adopted(),
    store: {},
    fleets: {
      web: { ...BEHIND_A_LISTENER },
      one: {
        members: 'instances',
        existing: { ...EXISTING_GROUP.existing, ...members('i-00000000000000001', 'one'), instanceRoleName: one },
      },
      two: {
        members: 'instances',
        existing: { ...EXISTING_GROUP.existing, ...members('i-00000000000000002', 'two'), instanceRoleName: two },
      },
    },
  });

it('fleets whose servers have one existing role: their secrets are readable to both', () => {
  expect(sessionWarnings(fleetsWithRoles('shop-instance', 'shop-instance'))).toEqual([
    {
      check: 'fleets-share-instance-role',
      sentence: expect.stringMatching(/^Fleets one, two have the same existing\.instanceRoleName shop-instance/),
    },
  ]);
});

it('fleets whose servers have roles of their own: no warning', () => {
  expect(sessionWarnings(fleetsWithRoles('shop-one', 'shop-two'))).toEqual([]);
});

const members = (id: string, name: string) => ({
  autoScalingGroupName: undefined,
  instanceIds: [id],
  targetGroupArn: `${EXISTING_GROUP.existing?.targetGroupArn?.replace('/shop/', `/${name}/`)}`,
});
