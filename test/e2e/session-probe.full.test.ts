/** Whether both releases read each other's sessions, tried on two servers before users meet the new one. */
import { GetCommandInvocationCommand, ListCommandsCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployUnderTraffic } from '../../lab/demo/deploy-under-traffic.ts';
import { otherFormat } from './bad-releases.ts';
import { cdkFor, keptConfig } from './cdk.ts';
import { cloud, currentVersion, deploy, kept, publish, publishBad, recordOf, ssm, untilHealthy, versions } from './fleet.ts';

let from: string;

beforeAll(async () => {
  await untilHealthy(3);
  const config = keptConfig();
  const web = config.fleets['web'] as (typeof config.fleets)[string];
  await cdkFor('probing', { ...config, fleets: { web: { ...web, deploy: { ...web.deploy, sessionProbe: true } } } }).deploy();
  await publish('81.0.0');
  await deploy('81.0.0');
  from = await currentVersion();
}, 600_000);
afterAll(async () => {
  await cdkFor('unchanged', keptConfig()).deploy();
}, 300_000);

/** Parameters and output of every command that tried a session since `sinceMs`. */
async function probesSince(sinceMs: number): Promise<readonly string[]> {
  const { Commands = [] } = await ssm.send(new ListCommandsCommand({ MaxResults: 50 }));
  const tried = Commands.filter(
    ({ RequestedDateTime, Parameters }) => (RequestedDateTime?.getTime() ?? 0) >= sinceMs && (Parameters?.['probe']?.[0] ?? '') !== '',
  );
  return Promise.all(
    tried.map(async ({ CommandId, InstanceIds = [], Parameters }) => {
      const { StandardOutputContent } = await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: InstanceIds[0] }));
      return `${JSON.stringify(Parameters)} ${StandardOutputContent}`;
    }),
  );
}

describe('the session probe of a deploy', () => {
  it('refuses a release of another format before a user meets it: nothing fails, no session is lost', { timeout: 300_000 }, async () => {
    await publishBad('81.9.0', otherFormat);
    const summary = await deployUnderTraffic({
      cloud: await cloud(),
      loadBalancerUrl: kept.loadBalancerUrl,
      caFile: kept.caFile,
      users: 30,
      from,
      to: '81.9.0',
      log: () => {},
    });
    expect(summary.deploy.status).toBe('FAILED');
    expect(summary.traffic).toMatchObject({ failed: 0, sessionsLost: 0 });
    await untilHealthy(3);
    expect(new Set(Object.values(await versions()))).toEqual(new Set([from]));
    const [latest] = await (await cloud()).records.latestDeploys('web', 1);
    expect(latest?.error?.Error).toBe('SessionsIncompatible');
    expect(latest?.error?.Cause).toMatch(/release 81\.9\.0 does not read the session that release 81\.0\.0 wrote/);
    expect(latest?.rolledBack).toBe(true);
  });

  it('lets a compatible release pass, and no session id is in parameters or output of a command', { timeout: 300_000 }, async () => {
    const sinceMs = Date.now();
    await publish('81.1.0');
    const ended = await deploy('81.1.0');
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    const { warnings = [] } = (await recordOf(ended.executionArn)) ?? {};
    // What a scenario before this one has broken is no concern of the probe.
    expect(warnings.filter((warning) => !warning.startsWith('In ALARM before the deploy'))).toEqual([]);
    const tried = await probesSince(sinceMs);
    expect(tried.map((text) => /"probe":\["(\w+)"\]/.exec(text)?.[1]).toSorted()).toEqual(['read', 'read', 'write', 'write']);
    expect(tried.filter((text) => text.includes('"read":"same"'))).toHaveLength(2);
    // A cookie of express-session begins with "s:", as text or percent-encoded.
    expect(tried.filter((text) => /s(:|%3A)[A-Za-z0-9_-]{20}/i.test(text))).toEqual([]);
  });
});
