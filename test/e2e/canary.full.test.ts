/** A canary on its schedule, in the local cloud: it examines the example through the load balancer, and its alarm fires for a weakness. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { status } from '../../cli/installation/status.ts';
import { type CanaryRecord, openFindings } from '../../functions/canary/contract/canary-records.ts';
import { createSend } from '../../functions/canary/http/send.ts';
import type { Kept } from '../../functions/canary/kept/judge-kept.ts';
import { openSessions, sessionsKey } from '../../functions/canary/schedule/seal-sessions.ts';
import { canaryKeptName, fleetAlarmName, functionName } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { removeScript, setScript } from '../../lab/demo/incident-faults/changes/server-environment.ts';
import { clear, inject } from '../../lab/demo/incident-faults/command.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';
import { createFinder } from '../leaks/find-secrets.ts';
import { until } from '../until.ts';
import { callJsonService } from './call-json-service.ts';
import { cdkFor, keptConfig } from './cdk.ts';
import { cloud, deploy, groupInstances, kept, publish, runOn, secrets, ssm, withoutReplacing } from './fleet.ts';
import { noteSessions } from './leaks/note-sessions.ts';
import { notedSecrets, noteSecrets } from './leaks/noted-secrets.ts';

/** Faults of the local cloud with the names of what the canary finds. */
const WEAKNESSES = ['id-kept-at-re-login', 'page-cacheable'];
const PASSWORD = 'correct-horse-battery-staple';
const KEPT = canaryKeptName('holdfast', 'web');
const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const cloudWatch = new CloudWatchClient(client);
/** A run of all checks at two requests a second, the minute until it begins, and a machine with other work. */
const RUN_MS = 480_000;
const JSON_ONLY = { accept: 'application/json' };

const recipe = {
  users: {
    a: { name: 'canary-anna', password: { secret: 'canary/anna' } },
    b: { name: 'canary-ben', password: { secret: 'canary/ben' } },
  },
  login: [{ post: '/login', json: { user: '{name}', password: '{password}' }, headers: JSON_ONLY }],
  who: { get: '/count', headers: JSON_ONLY },
  logout: [{ post: '/logout', headers: JSON_ONLY }],
  server: { json: 'server' },
  policy: { idleSeconds: 1_800, sameSite: 'Strict' as const },
  accept: [
    { finding: 'cookie-without-prefix' as const, reason: 'the example keeps its name' },
    { finding: 'no-hsts' as const, reason: 'the example leaves it to the load balancer' },
  ],
};

function withCanary(config: HoldfastConfig): HoldfastConfig {
  const { web } = config.fleets;
  return {
    ...config,
    fleets: { ...config.fleets, web: { ...web, canary: { url: kept.loadBalancerUrl, everyMinutes: 1, recipe } } as typeof web & object },
  };
}

const onEveryServer = async (script: string) =>
  runOn(
    (await groupInstances()).map(({ id }) => id),
    script,
  );
const record = async (): Promise<CanaryRecord | undefined> => (await cloud()).canary();
const ranAfter = (ms: number) =>
  until(
    async () => {
      // Its sessions come and go: leaks.test.ts searches for those that are seen here.
      await noteSessions();
      const now = await record();
      // Its results are on record before it keeps sessions again; what fails then, or until then, is on record too.
      return now?.failed === undefined && (now?.ranAtMs ?? 0) > ms ? now : undefined;
    },
    'a run of all checks',
    RUN_MS,
  );
const open = (now: CanaryRecord) => openFindings(now).map(({ finding }) => finding);
const alarmIs = (state: string) =>
  until(
    async () => {
      const { MetricAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames: [fleetAlarmName('holdfast', 'web', 'canary-findings')] }),
      );
      return MetricAlarms[0]?.StateValue === state ? true : undefined;
    },
    `the alarm canary-findings in ${state}`,
    180_000,
  );
async function sumOf(MetricName: string): Promise<number> {
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      ...{ Namespace: 'Holdfast', MetricName, Dimensions: [{ Name: 'Fleet', Value: 'web' }], Statistics: ['Sum'], Period: 60 },
      ...{ StartTime: new Date(startedAtMs), EndTime: new Date(Date.now() + 60_000) },
    }),
  );
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

async function keptSessions(): Promise<Kept> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: KEPT, WithDecryption: true }));
  expect(Parameter?.Type).toBe('SecureString');
  const sessions = openSessions(Parameter?.Value ?? '', sessionsKey([PASSWORD, PASSWORD], KEPT));
  expect(sessions).toBeDefined();
  const { a, b } = sessions as Kept;
  noteSecrets([...a.cookies, ...b.cookies].map(({ value }) => ({ kind: "cookie of the canary's session", value })));
  return sessions as Kept;
}

let startedAtMs: number;
beforeAll(async () => {
  startedAtMs = Date.now();
  noteSecrets([{ kind: 'password of the canary', value: PASSWORD }]);
  for (const Name of ['canary/anna', 'canary/ben']) await secrets.send(new CreateSecretCommand({ Name, SecretString: PASSWORD }));
  const COUNTER_LOGIN_SHA256 = createHash('sha256').update(PASSWORD).digest('hex');
  await withoutReplacing(() => onEveryServer(setScript('canary-password', { COUNTER_LOGIN_SHA256 }, {})));
  await cdkFor('canary', withCanary(keptConfig())).deploy(['holdfast-web-web-tier']);
}, 300_000);
afterAll(async () => {
  await withoutReplacing(() => clear({}, recordingOutput().output));
  await cdkFor('canary', keptConfig()).deploy(['holdfast-web-web-tier']);
  await withoutReplacing(() => onEveryServer(removeScript('canary-password')));
  await ssm.send(new DeleteParameterCommand({ Name: KEPT })).catch(() => {});
  for (const SecretId of ['canary/anna', 'canary/ben'])
    await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  cloudWatch.destroy();
}, 300_000);

describe('a canary on its schedule', { timeout: 2 * RUN_MS }, () => {
  it('examines the site through the load balancer, finds what the example lacks, and keeps two sessions', async () => {
    const now = await ranAfter(startedAtMs);
    expect(open(now)).toEqual([]);
    expect(now.lines.flatMap(({ finding }) => finding ?? []).toSorted()).toEqual(['cookie-without-prefix', 'no-hsts']);
    expect(now.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
    expect(now.lines.some(({ check, result }) => check === 'other-servers' && result === 'holds')).toBe(true);
    expect(now).toMatchObject({ sessions: 2, vanishedAtMs: [] });
    await until(async () => ((await sumOf('CanaryRan')) > 0 ? true : undefined), 'the metric CanaryRan', 120_000);
    await alarmIs('OK');
  });

  it('notices that its session has vanished, and keeps another', async () => {
    const before = (await record())?.turnedAtMs ?? 0;
    const { a } = await keptSessions();
    const cookie = a.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const url = new URL('/logout', kept.loadBalancerUrl);
    const left = await createSend({ ca: readFileSync(kept.caFile, 'utf8') })(
      { method: 'POST', url, headers: { cookie, ...JSON_ONLY } },
      10_000,
    );
    expect(left.status).toBe(204);
    const now = await until(
      async () => {
        const found = await record();
        return (found?.turnedAtMs ?? 0) > before && (found?.vanishedAtMs.length ?? 0) > 0 ? found : undefined;
      },
      'a turn after the sessions vanished',
      180_000,
    );
    expect(now).toMatchObject({ sessions: 2, vanishedAtMs: [expect.any(Number)] });
    await until(
      async () => ((await sumOf('CanarySessionsVanished')) === 1 ? true : undefined),
      'the metric CanarySessionsVanished',
      120_000,
    );
  });

  it('finds the weaknesses that can be rehearsed after the next deploy, and the alarm fires', async () => {
    await withoutReplacing(async () => {
      for (const weakness of WEAKNESSES) await inject(weakness, {}, recordingOutput().output);
    });
    await publish('7.7.0');
    const beganMs = Date.now();
    expect(await deploy('7.7.0')).toMatchObject({ status: 'SUCCEEDED' });
    const now = await ranAfter(beganMs);
    expect(open(now).toSorted()).toEqual(WEAKNESSES);
    // Its own logins are none that vanished.
    expect(now.vanishedAtMs).toHaveLength(1);
    await alarmIs('ALARM');
    const shown = recordingOutput();
    await status({}, shown.output);
    expect((shown.result as { canary: CanaryRecord }).canary.ranAtMs).toBe(now.ranAtMs);
  });

  it('leaves no id, cookie or password in its record and its log', async () => {
    await keptSessions();
    const secretsSeen = notedSecrets().filter(({ kind }) => /canary|session id/.test(kind));
    // More than the two that it keeps: those of its runs too.
    expect(secretsSeen.length).toBeGreaterThan(8);
    const logGroupName = `/aws/lambda/${functionName('holdfast', 'web', 'canary')}`;
    const { events } = await callJsonService<{ events: { message: string }[] }>('logs', 'Logs_20140328.FilterLogEvents', {
      logGroupName,
      startTime: startedAtMs,
    });
    const finder = createFinder(secretsSeen);
    expect(events.length).toBeGreaterThan(5);
    expect(finder.find(`${JSON.stringify(await record())}\n${events.map(({ message }) => message).join('\n')}`)).toEqual([]);
  });
});
