/** Some situations from the simulation to the page; `npm run test:full` goes through all of them. */
import { DescribeEventsCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, it } from 'vitest';
import type { Evidence, Facts, Source } from '../../../functions/incidents/contract/evidence.ts';
import { pageFaults } from '../../../test/functions/incidents/report/page-faults.ts';
import { cacheClient } from '../answers/aws.ts';
import { judge, summarize } from '../judge.ts';
import { OWN, readSituations } from '../read-situations.ts';
import { runSituation } from '../run-situation.ts';
import type { Happening } from '../situation.ts';
import { simulate } from '../world/simulate.ts';
import { differencesFromToday, readWrongToday } from '../wrong-today.ts';

const own = await readSituations(OWN);
const named = (name: string) => {
  const found = own.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no situation ${name}`);
  return found;
};
const factsOf = <S extends Source>(evidence: Evidence, source: S): Facts[S] => {
  const collected = evidence.sources[source];
  if (collected === undefined || 'gap' in collected) throw new Error(`${source}: ${collected?.gap ?? 'absent'}`);
  return collected.facts as Facts[S];
};

it("is about situations that exist, each of today's", () => {
  const today = Object.values(readWrongToday()).flat();
  const names = own.map(({ name }) => name);
  expect(today.filter((name) => !names.includes(name))).toEqual([]);
});

it('knows which first step is right in each that was handed over', () => {
  const judged = own.flatMap(({ expect: { step } }) => step ?? []);
  expect(judged.length).toBeGreaterThanOrEqual(100);
  for (const { right, wrong, harmful } of judged) {
    expect(right.length).toBeGreaterThan(0);
    expect(new Set([...right, ...wrong, ...harmful]).size).toBe(right.length + wrong.length + harmful.length);
  }
});

describe('a share of them', () => {
  it.each([
    // Servers that fail among others that serve the login, a change that was undone, and a writer that nobody deployed.
    ...[
      'route-lost-404',
      'five-of-twelve-do-not-know-the-name',
      'rule-revoked-and-added-again',
      'another-fleet-writes-what-this-one-cannot-read',
    ],
  ])('%s is as wrong as today, or as right, and its page can be read at night', async (name) => {
    const situation = named(name);
    const { page, message } = await runSituation(situation);
    expect(differencesFromToday(summarize([judge(situation, page)]), readWrongToday(), [situation])).toEqual([]);
    expect(pageFaults(page, { subject: message.subject, message: message.text })).toEqual([]);
  });
});

describe('what the readers see', () => {
  it('is the same for the same people, and another for others', async () => {
    const situation = { ...named('quiet-store'), installation: { users: 12 } };
    const [one, same, other] = [await runSituation(situation, 'a'), await runSituation(situation, 'a'), await runSituation(situation, 'b')];
    expect(same.evidence).toEqual(one.evidence);
    expect(other.evidence).not.toEqual(one.evidence);
  });

  it('agrees: sessions that a store loses are lost in the logs, in the readings and to the canary', async () => {
    const { evidence } = await runSituation(named('flushall-of-another-application'));
    const lost = factsOf(evidence, 'servers').servers.flatMap(({ access }) =>
      Object.values(access?.sessions ?? {}).filter((one) => one.lost),
    );
    expect(lost.length).toBeGreaterThan(50);
    expect(factsOf(evidence, 'canary').vanished).toBeGreaterThan(10);
    const redirects = (factsOf(evidence, 'traffic').byMinute ?? []).map(({ target3xx, requests }) => target3xx / requests);
    expect(Math.max(...redirects.slice(-15))).toBeGreaterThan(2 * Math.max(...redirects.slice(0, 30)));
  });

  it('has what each server answers, where several answer alike', () => {
    const happens = [1, 2].map((server): Happening => ({ what: 'answers', at: -10, by: 'servers', servers: [server], status: 419 }));
    const { logs } = simulate({ ...named('quiet-store'), installation: { users: 12 }, happens }, '');
    const refusing = [...logs].flatMap(([server, { access }]) => (access.some((line) => line.includes('status=419')) ? [server] : []));
    expect(refusing).toEqual([1, 2]);
  });

  it('has two failovers, to the other node and back', async () => {
    const failovers = [-40, -20].map((at) => ({ what: 'failover', at }) as const);
    const happens = { ...named('quiet-store'), installation: { users: 12 }, happens: failovers };
    const window = { StartTime: new Date('2026-11-24T09:50:00Z'), EndTime: new Date('2026-11-24T10:50:20Z') };
    const text = JSON.stringify(await cacheClient(simulate(happens, '')).send(new DescribeEventsCommand(window)));
    expect(
      [...text.matchAll(/from primary node \S+(\d) to replica node \S+(\d) completed/g)].map(([, from, to]) => `${from} to ${to}`),
    ).toEqual(['1 to 2', '2 to 1']);
  });
});
