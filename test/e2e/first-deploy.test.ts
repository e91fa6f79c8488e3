/** What the first day of the kept cloud showed (first-day.ts): before any deploy, a first deploy that failed, one that succeeded. */
import { describe, expect, inject, it } from 'vitest';
import { cloud, groupInstances, versions } from './fleet.ts';

const day = inject('firstDay');

describe.runIf(day)('the first day of a fleet', () => {
  const { page, health, failed, failedRecord } = day ?? ({} as NonNullable<typeof day>);

  it('cdk deploy --all ends by itself, with every server in service though nothing is published', () => {
    expect(day?.statesAfterCdk).toEqual(['InService', 'InService', 'InService']);
  });

  it('raises no alarm by being young', () => {
    expect(day?.firedAfterCdk).toEqual([]);
  });

  it('answers health checks with 200 and users with 503, uncached, in a sentence that says what to run', () => {
    expect(health.status).toBe(200);
    expect(page).toEqual({ status: 503, cacheControl: 'no-store', body: expect.stringContaining('./holdfast deploy') });
  });

  it('makes no release current by publishing it, nor by a first deploy that fails', () => {
    expect([day?.currentAfterPublish, day?.currentAfterFailure]).toEqual([undefined, undefined]);
  });

  it('brings the placeholder back to every server that a failing first deploy touched', () => {
    expect([failed.status, failed.error], JSON.stringify(failed)).toEqual(['FAILED', 'InstallFailed']);
    const targets = Object.values(failedRecord?.targets ?? {});
    expect(targets.filter(({ rollingBackTo }) => rollingBackTo === 'none').map(({ phase }) => phase)).toEqual(['rolledBack', 'rolledBack']);
    expect(new Set(targets.map(({ fromVersion }) => fromVersion))).toEqual(new Set(['none']));
    expect(new Set(day?.pageAfterFailure.map(({ status }) => status))).toEqual(new Set([503]));
  });

  it('says so, and what to do', () => {
    expect(failedRecord).toMatchObject({ from: 'none', rolledBack: true });
    expect(failed.message).toMatch(/has the placeholder again; i-\w+ has the placeholder again[.] The fleet has no current release yet[.]/);
  });

  it('takes a server into the first deploy that succeeds which launched in the middle of it, with its placeholder', async () => {
    const { records, fleet } = await cloud();
    // Latest first: the oldest. Deploys that scenarios hold open begin from nothing as well.
    const succeeded = (await records.latestDeploys(fleet, 1_000)).findLast(({ from, status }) => from === 'none' && status === 'SUCCEEDED');
    const rolled = Object.entries(succeeded?.targets ?? {}).filter(([, { phase }]) => phase === 'done');
    expect(rolled).toHaveLength(4);
    const newcomer = rolled.find(([instanceId]) => !day?.serversBefore.includes(instanceId));
    expect(newcomer?.[1]).toMatchObject({ fromVersion: 'none' });
  });

  it('leaves a fleet that later deploys roll as ever', async () => {
    expect((await groupInstances()).length).toBeGreaterThanOrEqual(3);
    expect(Object.values(await versions())).not.toContain('none');
  });
});
