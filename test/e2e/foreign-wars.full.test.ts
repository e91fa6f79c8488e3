/** WARs that others wrote, as they are: rolled under users who keep their sessions in the store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeployOutcome } from '../../cli/deploy/follow-deploy.ts';
import { whyNoJava } from '../../setup/java.mjs';
import { type Visits, whileVisited } from './foreign-wars/visitors.ts';
import { FOREIGN_WARS } from './foreign-wars/wars.ts';
import { deployJavaFleets, type JavaFleet, type JavaFleets } from './java-fleets.ts';

const NAMES = ['examples', 'shiro'] as const;
const USERS = 25;
const withoutJava = whyNoJava();

let java: JavaFleets;
const results = new Map<string, { readonly ended: DeployOutcome; readonly visits: Visits }>();

async function roll(name: (typeof NAMES)[number], { loadBalancerUrl, publish, deploy }: JavaFleet): Promise<void> {
  await publish('1.0.0');
  const first = await deploy('1.0.0');
  if (first.status !== 'SUCCEEDED') throw new Error(`the first deploy of ${name} ended ${first.status}: ${first.message}`);
  await publish('1.1.0');
  const [ended, visits] = await whileVisited(loadBalancerUrl, USERS, FOREIGN_WARS[name].habits, () => deploy('1.1.0'));
  results.set(name, { ended, visits });
}

describe.skipIf(withoutJava !== undefined)(`a WAR that others wrote${withoutJava ? ` (${withoutJava})` : ''}`, () => {
  beforeAll(async () => {
    const prepared = Object.fromEntries(NAMES.map((name) => [name, FOREIGN_WARS[name].prepare]));
    java = await deployJavaFleets(NAMES, {}, prepared);
    await Promise.all(NAMES.map((name) => roll(name, java.fleets[name] as JavaFleet)));
  }, 20 * 60_000);
  afterAll(() => java?.destroy(), 120_000);

  it.each(NAMES)('%s: no request fails and no session is lost', (name) => {
    const { ended, visits } = results.get(name) as { ended: DeployOutcome; visits: Visits };
    expect(ended, ended.message).toMatchObject({ status: 'SUCCEEDED' });
    expect([visits.failed, [...visits.lost]]).toEqual([[], []]);
    expect(visits.visits).toBeGreaterThan(USERS * 10);
  });

  it.each(NAMES)("%s: every server runs the release, by Tomcat's own readiness check and counts that the WAR lacks", async (name) => {
    const { cloud, recordOf } = java.fleets[name] as JavaFleet;
    const targets = Object.values((await recordOf(results.get(name)?.ended.executionArn as string))?.targets ?? {});
    expect(targets.map(({ phase, drainSignal }) => [phase, drainSignal])).toEqual([
      ['done', 'counts'],
      ['done', 'counts'],
    ]);
    expect((await cloud.records.getInstances(name)).map(({ version }) => version)).toEqual(['1.1.0', '1.1.0']);
  });
});
