/** Variables and secrets of the application on Node, Tomcat and Spring: set, changed, rotated, rolled back, rebooted, refused; and nowhere else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import { comparePermissions } from '#local-aws/iam/compare-permissions.ts';
import { readRoles } from '#local-aws/iam/read-roles.ts';
import { USED_BY_SERVICES } from '#local-aws/iam/used-by-services.ts';
import { askDryRun } from '../../cli/deploy/dry-run.ts';
import { whyNoJava } from '../../setup/java.mjs';
import { createFinder } from '../leaks/find-secrets.ts';
import { until } from '../until.ts';
import { deliberateDenials } from './deliberate-denials.ts';
import {
  deploy,
  NEVER_UP,
  onEach,
  PROBES,
  reboot,
  restartAll,
  roleOf,
  seen,
  serversOf,
  TOMCAT_PAGE,
  underUsers,
  variablesOn,
  walkRotation,
  withoutReplacing,
} from './environment/fleets.ts';
import {
  createSources,
  DATABASE,
  type Database,
  environmentOf,
  hashOf,
  KEY,
  openDatabase,
  put,
  remember,
  removeSources,
  secretsGiven,
  type Variables,
} from './environment/sources.ts';
import { kept, runOn } from './fleet.ts';
import { deployJavaFleets, INSTALLATION, type JavaFleet, type JavaFleets } from './java-fleets.ts';
import { commandLines } from './leaks/command-lines.ts';
import type { Contents } from './leaks/content.ts';
import { keptEvents } from './leaks/published-events.ts';
import { runFolder } from './leaks/run-folder.ts';
import { writtenInAws } from './leaks/written-in-aws.ts';
import { isShownElsewhere } from './shown-elsewhere.ts';
import { without } from './taken-permission.ts';

const withoutJava = whyNoJava();
const KINDS = withoutJava === undefined ? ['node', 'tomcat', 'spring'] : ['node'];
const USERS = 60;
const FEW_USERS = 10;
/** A bake is long enough for two looks at people; the install of a rollback, for a minute with the recorded versions. */
const DEPLOY = { minimumHealthyTargets: 1, bakeSeconds: 15, healthDeadlineSeconds: 45, installTimeoutSeconds: 150, sessionDrainSeconds: 0 };
const CASE_MS = 420_000;

let java: JavaFleets;
let database: Database;
let node: JavaFleet;
/** What the sources have now. */
let values: Variables;

const settings = () => ({ deploy: DEPLOY, environment: environmentOf({ LOG_LEVEL: values.LOG_LEVEL, DATABASE_URL: database.url }) });
const keyOf = (text: string): string => `-----BEGIN TEST KEY-----\n${text}\n-----END TEST KEY-----\n`;
async function change(name: Parameters<typeof put>[0], value: string): Promise<void> {
  await put(name, value);
  values = { ...values, [name]: value };
}
const fleets = (): readonly JavaFleet[] => Object.values(java.fleets);

beforeAll(async () => {
  database = await openDatabase();
  values = {
    LOG_LEVEL: 'info ünï 🦆 {{x}} $HOME "quoted"',
    DATABASE_URL: database.url,
    DB_PASSWORD: 'first-password-of-the-database "ä$`\\',
    SIGNING_KEY: keyOf('MIIBVgIBADANBgkqhkiG9w0BAQEF/+=='),
    SESSION_SECRET: 'first-secret-of-the-cookies',
    FLAGS: 'new-checkout=true\nsearch=2',
    API_KEY: 'first-key-of-the-payment-service',
  };
  database.accept(values.DB_PASSWORD);
  const { LOG_LEVEL: _, DATABASE_URL: __, ...sourced } = values;
  await createSources(sourced);
  java = await deployJavaFleets(KINDS, settings(), PROBES);
  node = java.fleets['node'] as JavaFleet;
  await Promise.all(
    fleets().map(async (fleet) => {
      await fleet.publish('1.0.0');
      const { ended } = await deploy(fleet, '1.0.0');
      if (ended.status !== 'SUCCEEDED') throw new Error(`the first deploy of ${fleet.cloud.fleet} ended ${ended.status}: ${ended.message}`);
    }),
  );
}, 900_000);
afterAll(async () => {
  await java?.destroy();
  database?.close();
  await removeSources();
}, 240_000);

/** Every server of every fleet has the current values. */
async function expectEverywhere(): Promise<void> {
  for (const fleet of fleets()) {
    const { found, wanted } = await seen(fleet, values);
    expect(found, fleet.cloud.fleet).toEqual(wanted);
  }
}

describe('the first deploy', () => {
  it('gives the application all values: several lines, any character', expectEverywhere);

  it('writes them into memory alone, for root', async () => {
    const servers = await serversOf(node);
    const script = `cd "$HOLDFAST_ROOT"; stat -Lc '%a %u' run/store.env run; id -u; [ -L run ] && readlink run`;
    for (const printed of await runOn(servers, script)) {
      const [file, folder, root, memory] = printed.trim().split('\n');
      expect([file, folder]).toEqual([`600 ${root}`, `700 ${root}`]);
      expect(memory).toMatch(/\/run\/holdfast$/);
    }
  });

  it.runIf(KINDS.includes('tomcat'))("lets Tomcat's context.xml read one", async () => {
    const ask = `. "$HOLDFAST_ROOT/etc/instance.env"; python3 -c "import urllib.request as r; print(r.urlopen('http://127.0.0.1:$PORT${TOMCAT_PAGE}', timeout=20).read().decode())"`;
    const servers = await serversOf(java.fleets['tomcat'] as JavaFleet);
    for (const printed of await runOn(servers, ask)) expect(printed.trim()).toBe(hashOf(values.API_KEY));
  });
});

describe('a changed text and a changed secret', () => {
  it('reach servers by `restart --all` and not before, under users who notice nothing', { timeout: CASE_MS }, async () => {
    const before = values;
    await change('DB_PASSWORD', 'second-password-of-the-database');
    database.accept(before.DB_PASSWORD, values.DB_PASSWORD);
    values = { ...values, LOG_LEVEL: 'debug' };
    await java.change(settings());
    for (const fleet of fleets()) {
      const { found, wanted } = await seen(fleet, before);
      expect(found, fleet.cloud.fleet).toEqual(wanted);
    }
    const restarts = await Promise.all(fleets().map((fleet) => underUsers(fleet, FEW_USERS, () => restartAll(fleet))));
    for (const { result, report } of restarts) {
      expect(result.ended, JSON.stringify(result)).toMatchObject({ status: 'SUCCEEDED' });
      expect(report, JSON.stringify(report.failedBy)).toMatchObject({ failed: 0, sessionsLost: 0, sessions: FEW_USERS });
      expect(result.record.warnings ?? []).toEqual([]);
    }
    await expectEverywhere();
    database.accept(values.DB_PASSWORD);
  });
});

it('a name that servers cannot read: dry run and first step of a deploy refuse, and nothing has changed', {
  timeout: CASE_MS,
}, async () => {
  await node.publish('1.1.0');
  const says = [
    `DB_PASSWORD (secret ${DATABASE}) cannot be used: AccessDenied`,
    `SIGNING_KEY (secret ${KEY}) cannot be used: AccessDenied`,
  ];
  const servers = await serversOf(node);
  await without(roleOf('node', DATABASE), 'secretsmanager:GetSecretValue', async () => {
    const [report, { ended, record }] = await Promise.all([askDryRun(node.cloud, { version: '1.1.0' }), deploy(node, '1.1.0')]);
    expect(ended).toMatchObject({ status: 'FAILED', error: 'EnvironmentUnreadable' });
    const refusals = report.refusals.filter(({ error }) => error === 'EnvironmentUnreadable').map(({ message }) => message);
    // The dry run has them all, and the deploy ends with the first.
    expect(
      says.some((said) => ended.message?.includes(said)),
      ended.message,
    ).toBe(true);
    const sentences = says.map((said) => refusals.find((message) => message.includes(said)) ?? `no refusal says ${said}`);
    for (const sentence of [...sentences, ended.message]) for (const server of servers) expect(sentence).toContain(server);
    expect(Object.values(record.targets).flatMap(({ phases = [] }) => phases)).toEqual([]);
  });
  const { found, wanted } = await seen(node, values);
  expect(found).toEqual(wanted);
  expect((await node.cloud.records.getInstances('node')).map(({ version }) => version)).toEqual(['1.0.0', '1.0.0']);
});

describe('a server that reboots', () => {
  const rebooted = async (server: string) => variablesOn([server]);

  it.each(KINDS)('of %s reads the values again', { timeout: CASE_MS }, async (kind) => {
    const fleet = java.fleets[kind] as JavaFleet;
    const [server = '', other = ''] = await serversOf(fleet);
    const before = values;
    await change('API_KEY', `key-of-the-payment-service-for-${kind}`);
    await withoutReplacing(fleet, async () => {
      await reboot(server);
      await until(async () => (Object.keys((await rebooted(server))[server] ?? {}).length > 0 ? true : undefined), 'the application');
      expect(await variablesOn([server])).toEqual(onEach([server], values));
      expect(Object.values(await variablesOn([other]))[0]?.['API_KEY']).not.toBe(hashOf(values.API_KEY));
    });
    expect(before.API_KEY).not.toBe(values.API_KEY);
  });
});

describe('a secret of cookies', () => {
  it('replaced in one step is stopped by people at the first server, and rolled back to the recorded version', {
    timeout: CASE_MS,
  }, async () => {
    const old = values.SESSION_SECRET;
    await change('SESSION_SECRET', 'another-secret-of-the-cookies');
    const { result } = await underUsers(node, USERS, () => restartAll(node));
    const { ended, record } = result;
    expect(ended, JSON.stringify({ ended, people: record.people, warnings: record.warnings })).toMatchObject({
      status: 'FAILED',
      error: 'UsersTurnedAway',
    });
    expect(record.rolledBack).toBe(true);
    expect(Object.values(record.targets).filter(({ phases = [] }) => phases.length > 0)).toHaveLength(1);
    await change('SESSION_SECRET', old);
    const { found } = await seen(node, values);
    expect(Object.values(found).map(({ SESSION_SECRET }) => SESSION_SECRET)).toEqual([hashOf(old), hashOf(old)]);
  });

  it(`rotated by docs/rotate-secrets.md, with both accepted, logs none of ${USERS} users out`, { timeout: CASE_MS }, async () => {
    const old = values.SESSION_SECRET;
    const fresh = 'second-secret-of-the-cookies';
    for (const value of [`${old},${fresh}`, `${fresh},${old}`, fresh]) remember('SESSION_SECRET', value);
    const { result, report } = await underUsers(node, USERS, () => walkRotation(node, [old, fresh]));
    values = { ...values, SESSION_SECRET: fresh };
    expect(result).toHaveLength(3);
    for (const { ended, record } of result) expect(ended, JSON.stringify(record)).toMatchObject({ status: 'SUCCEEDED' });
    expect(report, JSON.stringify([report.failedBy, report.losses])).toMatchObject({ failed: 0, sessionsLost: 0, sessions: USERS });
    const { found, wanted } = await seen(node, values);
    expect(found).toEqual(wanted);
  });
});

describe('a deploy that fails', () => {
  const passwordsOn = async () => Object.values(await variablesOn(await serversOf(node))).map(({ DB_PASSWORD }) => DB_PASSWORD);
  const GOOD = 'second-password-of-the-database';
  const NEXT = 'third-password-of-the-database';

  it('with a new secret that is wrong goes back to the recorded version', { timeout: CASE_MS }, async () => {
    await change('DB_PASSWORD', NEXT);
    const { ended, record } = await deploy(node, '1.1.0');
    expect(ended, JSON.stringify(record)).toMatchObject({ status: 'FAILED', error: 'TargetNeverUp' });
    expect(record.rolledBack).toBe(true);
    expect(record.warnings?.join('\n') ?? '').not.toContain('recorded versions');
    expect(await passwordsOn()).toEqual([hashOf(GOOD), hashOf(GOOD)]);
  });

  it('starts once more with the current version where the recorded one works no more, and says so', { timeout: CASE_MS }, async () => {
    database.accept(NEXT);
    await node.publish('2.0.0', NEVER_UP);
    const { ended, record } = await deploy(node, '2.0.0');
    expect(ended, JSON.stringify(record)).toMatchObject({ status: 'FAILED', error: 'TargetNeverUp' });
    expect(record.rolledBack, JSON.stringify(record)).toBe(true);
    const [rolled = ''] = Object.entries(record.targets).find(([, { phase }]) => phase === 'rolledBack') ?? [];
    expect(record.warnings?.join('\n')).toContain(
      `${rolled}: it was not UP with the recorded versions of its secrets and parameters, and was started with the current ones`,
    );
    expect((await variablesOn([rolled]))[rolled]?.['DB_PASSWORD']).toBe(hashOf(NEXT));
  });
});

it('no secret value is in anything that the run wrote, but in the file in memory', { timeout: CASE_MS }, async () => {
  expect(secretsGiven().length).toBeGreaterThan(8);
  const finder = createFinder(secretsGiven());
  const found = new Set<string>();
  let pieces = 0;
  const search = async (contents: Contents) => {
    for await (const { place, name, content } of contents) {
      pieces += 1;
      for (const kind of [...finder.find(name), ...finder.find(content)]) found.add(`${kind} in ${place}: ${name}`);
    }
  };
  for (const contents of [writtenInAws(), keptEvents(kept), runFolder(), commandLines()]) await search(contents);
  expect(pieces).toBeGreaterThan(100);
  expect([...found].toSorted()).toEqual([]);
});

it('the roles were refused nothing, and use all that variables add to them', async () => {
  const roles = await readRoles({ ...kept, installation: INSTALLATION });
  const { denials, unused } = comparePermissions(roles, readCalls(kept.runFolder), USED_BY_SERVICES, deliberateDenials(kept.runFolder));
  expect(denials).toEqual([]);
  // Servers read, and the functions of deploys and dry runs ask them; only the fleet of Node had a dry run.
  const added = unused.filter(
    ({ role, action }) => /InstanceRole|AssessRole|-node-deploy-DryRunRole/.test(role) && /^(ssm|secretsmanager|kms):/.test(action),
  );
  expect(added.filter((permission) => !isShownElsewhere(permission))).toEqual([]);
});
