import { describe, expect, it } from 'vitest';
import { CHANGES_COME_LATER, type Evidence, NO_FLEET } from '../../../../functions/incidents/contract/evidence.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { searchedOf } from '../../../../functions/incidents/report/searched.ts';
import { shortMessageOf } from '../../../../functions/incidents/report/short-message.ts';
import { textOf } from '../../../../functions/incidents/report/text.ts';
import { evidence as healthy } from '../healthy-evidence.ts';
import { AT, anIncident, anInput, someEvidence } from './an-incident.ts';

const UNKNOWN = { verdict: 'unknown', candidates: [], missing: [], shown: [] } as const;
const unknownPage = (evidence: Evidence) => pageOf(anInput({ evidence, incident: anIncident({ finding: UNKNOWN, mitigations: {} }) }));

describe('what was searched', () => {
  const changes = (more: object) => ({
    takenAtMs: AT,
    facts: { changes: [], completeUntilMs: AT - 900_000, fromMs: AT - 7_200_000, ...more },
  });

  it.each([
    [
      'none',
      changes({}),
      'Changes searched in CloudTrail from 01:12 until 02:57 UTC: none that can cut users or servers off (DNS and CloudFront are not searched). Changes from 02:57 until 03:13 UTC are not all known yet: look again at 03:29 UTC.',
    ],
    [
      'one',
      changes({ changes: [{ atMs: AT - 60_000, event: 'ModifyUser', roleArn: 'r', eventId: 'e', resource: 'u', kind: 'store-user' }] }),
      'Changes searched in CloudTrail from 01:12 until 03:11 UTC: 1 change, the latest at 03:11 UTC. Changes from 02:57 until 03:13 UTC are not all known yet: look again at 03:29 UTC.',
    ],
    ['not read', { gap: 'ThrottlingException: Rate exceeded' }, 'Changes were not read: ThrottlingException: Rate exceeded.'],
  ])('has from when until when, and what was found: %s', (_, source, sentence) => {
    expect(searchedOf(anIncident(), someEvidence({ changes: source, deploys: { gap: 'x' } } as never))).toEqual([
      sentence,
      'Deploys were not read.',
    ]);
  });

  it.each([
    ['are still to come', {}, 'Changes are not read yet, since CloudTrail is minutes late: the next re-check reads them, by 03:21 UTC.'],
    [
      'came and were nothing new',
      { looked: { number: 1, ofEpisode: 1, firstSignMs: AT, atMs: AT + 300_000 } },
      'The re-check at 03:17 UTC found no change that is new to the finding.',
    ],
    ['never came', { quietSinceMs: AT }, 'Changes were not read: no alarm was on any more when the re-check was due.'],
  ])('says of changes that a run left to the re-check that they %s', (_, more, sentence) => {
    const evidence = someEvidence({ changes: { gap: `${CHANGES_COME_LATER}03:21 UTC` } } as never);
    expect(searchedOf(anIncident(more), evidence)[0]).toBe(sentence);
  });

  it('has the latest deploy with both releases, and is on the page of a cause and of none', () => {
    const sentence =
      'Deploys searched from 02:12 until 03:13 UTC: 1 deploy, the latest from 1.4.1 to 1.4.2, begun at 02:32 UTC, which ended at 02:41 UTC.';
    expect(pageOf(anInput()).searched).toContain(sentence);
    expect(unknownPage(someEvidence()).searched).toContain(sentence);
  });
});

describe('next to the trouble, on the first screen', () => {
  const MINUTE_MS = 60_000;
  const whyWith = (sources: object) => unknownPage(someEvidence(sources as never)).why;
  const deploy = { deployId: 'd-1', from: '1.4.0', to: '1.5.0', status: 'SUCCEEDED', startedAtMs: AT - 30 * MINUTE_MS };
  const deploys = (more: object) => ({ deploys: { takenAtMs: AT, facts: { deploys: [{ ...deploy, ...more }], currentVersion: '1.5.0' } } });

  it('is a deploy that had not ended, or had within 15 minutes before', () => {
    expect(whyWith(deploys({ finishedAtMs: AT - 14 * MINUTE_MS }))).toContain(' The deploy from 1.4.0 to 1.5.0 ended at 02:58 UTC.');
    expect(whyWith(deploys({ finishedAtMs: AT - 14 * MINUTE_MS, restart: 'i-1' }))).toContain(' The restart of i-1 ended at 02:58 UTC.');
    expect(whyWith(deploys({}))).toContain(' The deploy from 1.4.0 to 1.5.0 runs since 02:42 UTC.');
    expect(whyWith(deploys({ finishedAtMs: AT - 16 * MINUTE_MS }))).not.toContain('deploy');
  });

  it('is a deploy that failed, and the one that brought the former release back meanwhile', () => {
    expect(whyWith(deploys({ status: 'FAILED', finishedAtMs: AT }))).toContain(' The deploy from 1.4.0 to 1.5.0 failed at 03:12 UTC.');
    const back = { ...deploy, from: '1.5.0', to: '1.4.0', startedAtMs: AT + 4 * MINUTE_MS, finishedAtMs: AT + 6 * MINUTE_MS };
    const both = { deploys: { takenAtMs: AT, facts: { deploys: [back, { ...deploy, finishedAtMs: AT }], currentVersion: '1.4.0' } } };
    expect(whyWith(both)).toContain(
      ' The deploy from 1.4.0 to 1.5.0 ended at 03:12 UTC. The deploy from 1.5.0 to 1.4.0 ended at 03:18 UTC.',
    );
  });

  it('is that changes of those minutes are not known yet, unless one was found', () => {
    const changes = (completeUntilMs: number, found: readonly object[] = []) => ({
      changes: { takenAtMs: AT, facts: { changes: found, completeUntilMs } },
    });
    const sentence = ' Changes from 02:57 until 03:13 UTC are not all known yet: look again at 03:29 UTC.';
    const found = { atMs: AT, event: 'ModifyUser', roleArn: 'r', eventId: 'e', resource: 'u', kind: 'store-user' };
    expect(whyWith(changes(AT - 15 * MINUTE_MS))).toContain(sentence);
    expect(whyWith(changes(AT - 15 * MINUTE_MS, [found]))).not.toContain('not all known');
    expect(whyWith(changes(AT))).not.toContain('not all known');
  });

  it('is what was not read of what shows it, or ends early', () => {
    const gap = 'ThrottlingException: Rate exceeded';
    expect(whyWith({ traffic: { gap } })).toContain(` Not read: load balancer's metrics (${gap}).`);
    expect(whyWith({ traffic: { gap: NO_FLEET }, servers: { gap: 'this installation has no such source' } })).not.toContain('Not read');
    const gaps = ['the latest minute that CloudWatch has is 2026-11-22T03:02:00.000Z'];
    expect(
      unknownPage({ ...healthy({}), sources: { ...healthy({}).sources, traffic: { ...healthy({}).sources.traffic, gaps } } } as never).why,
    ).toContain(' CloudWatch has no minute of the load balancer after 03:02 UTC: no request has come since, or its metrics are late.');
  });

  it('is in the message, without what was searched in vain', () => {
    const { message } = shortMessageOf(
      unknownPage(someEvidence(deploys({ finishedAtMs: AT }) as never)),
      'npx --no holdfast incidents show x',
    );
    expect(message).toContain(' The deploy from 1.4.0 to 1.5.0 ended at 03:12 UTC.');
    expect(message).not.toContain('searched');
  });
});

it('what the canary meets is a fact, and no source that was not read', () => {
  const canary = {
    takenAtMs: AT,
    facts: { sessions: 20, vanished: 0 },
    gaps: ['the canary does not work: the page after the login asks for a login'],
  };
  const page = unknownPage(someEvidence({ canary }));
  expect(page.facts).toContain('The canary, which logs in from outside, fails: the page after the login asks for a login.');
  expect(page.gaps.join()).not.toContain('canary');
});

it('a source that the installation does not have is no gap of the page', () => {
  const page = unknownPage(someEvidence({ criticalActions: { gap: 'this installation has no such source' } }));
  expect(page.gaps).toEqual([]);
  expect(page.usualGaps.join()).toContain('critical actions');
});

it('an unknown cause has what speaks against each that was tested, causes with the same fact in one line', () => {
  const { ruledOut } = unknownPage(healthy({}));
  expect(ruledOut[0]?.text).toMatch(/^Stickiness is off; .*: sessions are kept in the store \(strategy redis\)$/);
  expect(ruledOut.map(({ text }) => text).join('\n')).toMatch(/the store is full.*: /i);
  expect(textOf(unknownPage(healthy({})))).toMatch(/\nRULED OUT\n- Stickiness is off; /);
});

it('commands of the AWS CLI name what the evidence has, and where it has none, Holdfast prints it', () => {
  const finding = { verdict: 'cause', cause: 'store-emptied', confidence: 'likely', sentence: 'x', sinceMs: AT } as const;
  const incident = anIncident({ finding: { ...finding, because: [], wouldRefute: [], also: [] }, mitigations: {} });
  const commands = (evidence: Evidence) => pageOf(anInput({ evidence, incident })).next.flatMap((step) => step.commands);
  const members = ['live-sessions-0001-001', 'live-sessions-0001-002'].map((node) => ({ node }));
  expect(commands(healthy({ storeGroup: { members } }))).toContain(
    'aws elasticache describe-events --source-identifier live-sessions --source-type replication-group --duration 120 --region eu-west-1',
  );
  expect(commands(healthy({ storeGroup: 'x' }))).toContain(
    'npx --no holdfast status --names --fleet web --region eu-west-1 --installation live',
  );
});
