/** Tomcat and Spring Boot under traffic: a release is rolled, and users keep their sessions. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAILED_REQUESTS_FILE } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import { deployUnderTraffic } from '../../lab/demo/deploy-under-traffic.ts';
import type { Summary } from '../../lab/demo/summary.ts';
import { whyNoJava } from '../../setup/java.mjs';
import { kept } from './fleet.ts';
import { deployJavaFleets, type JavaFleet, type JavaFleets } from './java-fleets.ts';

const NAMES: readonly ('tomcat' | 'spring')[] = ['tomcat', 'spring'];
const USERS = 40;
const withoutJava = whyNoJava();

let java: JavaFleets;
const summaries = new Map<string, Pick<Summary, 'deploy' | 'traffic'>>();
/** What each deploy printed, which names the kinds and the causes of failed requests. */
const printed = new Map<string, string[]>();

/** The first release, and the next one under traffic. */
async function rollUnderTraffic(name: string, { cloud, loadBalancerUrl, publish, deploy }: JavaFleet): Promise<void> {
  await publish('1.0.0');
  const first = await deploy('1.0.0');
  if (first.status !== 'SUCCEEDED') throw new Error(`the first deploy of ${name} ended ${first.status}: ${first.message}`);
  await publish('1.1.0');
  const lines: string[] = [];
  printed.set(name, lines);
  const traffic = { failedRequestsFile: path.join(kept.runFolder, FAILED_REQUESTS_FILE) };
  const users = { cloud, loadBalancerUrl, caFile: kept.caFile, users: USERS, traffic };
  summaries.set(name, await deployUnderTraffic({ ...users, from: '1.0.0', to: '1.1.0', log: (line) => lines.push(line) }));
}

describe.skipIf(withoutJava !== undefined)('an example in Java, rolled under traffic', () => {
  beforeAll(async () => {
    // The first time Maven fetches and builds what the examples run on.
    java = await deployJavaFleets(NAMES);
    // At the same time: each mostly waits.
    await Promise.all(Object.entries(java.fleets).map(([name, fleet]) => rollUnderTraffic(name, fleet)));
  }, 900_000);
  afterAll(() => java?.destroy(), 120_000);

  it.each(NAMES)('%s: no request fails and no session is lost', (name) => {
    expect(summaries.get(name), printed.get(name)?.join('\n')).toMatchObject({
      deploy: { status: 'SUCCEEDED', from: '1.0.0', to: '1.1.0', targets: 2 },
      traffic: { users: USERS, failed: 0, sessions: USERS, sessionsLost: 0 },
    });
  });

  it.each(NAMES)("%s: every server runs the release, after a drain that ended by the application's counts", async (name) => {
    const { cloud, recordOf } = java.fleets[name] as JavaFleet;
    const targets = Object.values((await recordOf(summaries.get(name)?.deploy.executionArn as string))?.targets ?? {});
    expect(targets.map(({ phase, drainSignal }) => [phase, drainSignal])).toEqual([
      ['done', 'counts'],
      ['done', 'counts'],
    ]);
    expect((await cloud.records.getInstances(name)).map(({ version }) => version)).toEqual(['1.1.0', '1.1.0']);
  });
});
