/** Releases of Tomcat and Spring Boot that cannot serve: each deploy ends with the reason, and users notice nothing. */
import { GetSecretValueCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeployOutcome } from '../../cli/deploy/follow-deploy.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import { EXAMPLES } from '../../lab/demo/app/examples.ts';
import type { LocalApp } from '../../lab/demo/app/local-app.ts';
import type { TrafficReport } from '../../lab/demo/traffic/contract.ts';
import { whyNoJava } from '../../setup/java.mjs';
import { BAD_SPRING, BAD_TOMCAT, type BadRelease, stickyTomcat } from './bad-java-releases.ts';
import { secrets } from './fleet.ts';
import { deployJavaFleets, type JavaFleet, type JavaFleets } from './java-fleets.ts';
import { underTraffic } from './under-traffic.ts';

const CASES = { tomcat: BAD_TOMCAT, spring: BAD_SPRING } as const;
const NAMES = ['tomcat', 'spring'] as const;
const USERS = 10;
/** Shorter than the local cloud's for Java, since some of these wait for it. Users stay active: sessions are not waited for here. */
const DEPLOY = { minimumHealthyTargets: 1, healthDeadlineSeconds: 45, sessionDrainSeconds: 0 } as const;
/** The good release, which each fleet has to end with. */
const GOOD = '1.0.0';
const noJava = whyNoJava();

interface Ended {
  readonly ended: DeployOutcome;
  readonly record: DeployRecord | undefined;
  readonly report: TrafficReport;
  readonly versions: readonly string[];
}

let java: JavaFleets;
let sticky: Promise<Ended> | undefined;
const results = new Map<string, Promise<Ended>>();

const rollBad = (name: string, fleet: JavaFleet, { version, make }: BadRelease): Promise<Ended> =>
  roll(name, fleet, version, { build: (build) => make(fleet.app, build) });

async function roll(name: string, fleet: JavaFleet, version: string, app: Pick<LocalApp, 'build'>): Promise<Ended> {
  const { cloud, loadBalancerUrl, publish, deploy, recordOf } = fleet;
  await publish(version, app);
  const { result: ended, report } = await underTraffic({ url: loadBalancerUrl, users: USERS }, () => deploy(version));
  const versions = (await cloud.records.getInstances(name)).map((instance) => instance.version);
  return { ended, record: await recordOf(ended.executionArn), report, versions };
}

async function rollGood(name: string, fleet: JavaFleet): Promise<void> {
  await fleet.publish(GOOD);
  const first = await fleet.deploy(GOOD);
  if (first.status !== 'SUCCEEDED') throw new Error(`the first deploy of ${name} ended ${first.status}: ${first.message}`);
}

/** One bad release after the other, whatever becomes of each. */
async function rollAll(name: (typeof NAMES)[number], fleet: JavaFleet): Promise<void> {
  await rollGood(name, fleet);
  for (const release of CASES[name]) {
    const result = rollBad(name, fleet, release);
    results.set(`${name} ${release.version}`, result);
    await result.catch(() => {});
  }
}

async function rollSticky(fleet: JavaFleet): Promise<void> {
  await rollGood('sticky', fleet);
  sticky = roll('sticky', fleet, '1.1.0', fleet.app);
  await sticky.catch(() => {});
}

describe.skipIf(noJava !== undefined)(`releases in Java that cannot serve${noJava ? ` (${noJava})` : ''}`, () => {
  beforeAll(async () => {
    java = await deployJavaFleets([...NAMES, 'sticky'], { deploy: DEPLOY }, { ...EXAMPLES, sticky: stickyTomcat });
    // At the same time: each mostly waits.
    await Promise.all([
      ...NAMES.map((name) => rollAll(name, java.fleets[name] as JavaFleet)),
      rollSticky(java.fleets['sticky'] as JavaFleet),
    ]);
  }, 20 * 60_000);
  afterAll(() => java?.destroy(), 120_000);

  describe.each(NAMES)('%s', (name) => {
    describe.each(CASES[name])('$name', ({ version, says }) => {
      const result = () => results.get(`${name} ${version}`) as Promise<Ended>;

      it('fails with the reason in its message', async () => {
        const { ended } = await result();
        expect(ended).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^(InstallFailed|TargetNeverUp)$/) });
        for (const words of says) expect(ended.message).toMatch(words);
      });

      it('is rolled back: every server has the old release', async () => {
        const { ended, record, versions } = await result();
        expect(record).toMatchObject({ status: 'FAILED', rolledBack: true });
        expect(ended.message).toMatch(new RegExp(`Rolled back: i-\\w+ has ${GOOD} again`));
        expect(versions).toEqual([GOOD, GOOD]);
      });

      it('no request fails, no session is lost, and the bad release answers nobody', async () => {
        const { report } = await result();
        expect(report, JSON.stringify(report.failures)).toMatchObject({ failed: 0, sessionsLost: 0, sessions: USERS });
        expect(report.phases.during.requests).toBeGreaterThan(USERS);
        expect(Object.keys(report.perVersion)).toEqual([GOOD]);
      });

      it('no secret is in its record', async () => {
        const { record } = await result();
        const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
        const texts = await Promise.all(
          SecretList.map(async ({ ARN }) => (await secrets.send(new GetSecretValueCommand({ SecretId: ARN }))).SecretString),
        );
        const passwords = texts.map((text) => (JSON.parse(text as string) as { password: string }).password);
        expect(passwords.length).toBeGreaterThan(1);
        const written = JSON.stringify(record);
        expect(passwords.filter((password) => written.includes(password))).toEqual([]);
        expect(written).not.toMatch(/[0-9A-F]{32}/);
      });
    });
  });

  describe('Tomcat with sessions in memory, and a deploy that does not wait for them (sessionDrainSeconds 0)', () => {
    it('is rolled, no request fails, and everyone is logged out: each session ends with its server', async () => {
      const { ended, report } = (await sticky) as Ended;
      expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'SUCCEEDED' });
      expect(report, JSON.stringify(report.failures)).toMatchObject({ failed: 0, sessionsLost: USERS, sessions: USERS });
      expect(Object.keys(report.losses)).toEqual(['signedOut']);
    });

    it('the record has the sessions that each server had when its drain began', async () => {
      const { record } = (await sticky) as Ended;
      const sessions = Object.values(record?.targets ?? {})
        .toSorted((a, b) => a.order - b.order)
        .map((target) => target.sessions as number);
      expect(sessions).toHaveLength(2);
      expect(sessions[0]).toBeGreaterThan(0);
      // Those who were on the first have logged in on the second.
      expect(sessions[1]).toBe(USERS);
    });
  });
});
