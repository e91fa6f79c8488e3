import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../../../functions/incidents/contract/causes.ts';
import type { MitigationState } from '../../../../functions/incidents/contract/incident.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { markdownOf, textOf } from '../../../../functions/incidents/report/text.ts';
import { fleetAlarmNames, storeAlarmNames } from '../../../../functions/shared/naming.ts';
import { incidentsPage } from '../../../docs/incidents-page.ts';
import { AT, anIncident, anInput, PLACE, someEvidence } from './an-incident.ts';

const textWith = (incident: Parameters<typeof anIncident>[0]) => textOf(pageOf(anInput({ incident: anIncident(incident) })));

describe('the page of an incident, as text', () => {
  const text = textOf(pageOf(anInput()));

  it('is one screen: the trouble, what changed, the cause, and steps that can be typed', () => {
    expect(text.split('\n').slice(0, 6)).toEqual([
      'Users of fleet web are being logged out now; first seen at 2026-11-22 03:10:05 UTC.',
      'Act now. Open for 11 m 40 s.',
      '',
      'CHANGED BEFORE  Changes after 03:07 UTC are not all known yet: look again at 03:19 UTC.',
      'CAUSE           Certain: The target group of fleet web no longer keeps users on their server, since',
      '                03:10 UTC.',
    ]);
    expect(text.split('\n').length).toBeLessThanOrEqual(24);
  });

  it('does not say for how long it has been open in its first minute', () => {
    const early = (minutes: number, more: object) =>
      pageOf(anInput({ nowMs: AT + 20_000 + minutes * 60_000, incident: anIncident(more) })).state;
    expect(early(0, {})).toBe('Act now.');
    expect(early(0, { mitigations: {} })).toBe('Act now.');
    expect(early(1, { mitigations: {} })).toBe('Act now. Open for 1 m 00 s.');
  });

  it('prints commands that carry Region and installation on AWS, each on a line of its own', () => {
    expect(text).toContain(
      '\n     ./holdfast incidents do inc-0123456789ab restore-stickiness --fleet web --region eu-west-1 --installation live\n',
    );
    expect(text).toContain('\n     ./holdfast doctor --fleet web --region eu-west-1 --installation live\n');
  });

  it('prints commands without a Region for the local cloud', () => {
    const local = textOf(pageOf(anInput({ place: { ...PLACE, local: true } })));
    expect(local).toContain('\n     ./holdfast incidents do inc-0123456789ab restore-stickiness --fleet web\n');
    expect(local).not.toContain('--region');
  });

  it('keeps to 100 columns but for commands, calls that wait for a person, and rows of the report', () => {
    const long = text.split('\n').filter((line) => line.length > 100);
    expect(long.filter((line) => !/^( {5}(\.\/holdfast|aws) | {4}\w+ [A-Z]\w+ [{])/.test(line))).toEqual([]);
  });

  it('names who changed what by role only, and what was not read', () => {
    const all = textOf(pageOf(anInput()), { verbose: true });
    expect(all).toContain('assumed-role/Network');
    expect(all).not.toContain('jane');
    const evidence = someEvidence({ traffic: { gap: 'AccessDenied' } });
    expect(textOf(pageOf(anInput({ evidence })), { verbose: true })).toContain("- load balancer's metrics: AccessDenied");
  });

  it('has the hash of the evidence', () => {
    expect(textOf(pageOf(anInput()), { verbose: true })).toContain(`SHA-256  ${'a'.repeat(64)}`);
  });

  it('links the runbook of each alarm, and the causes', () => {
    const { links } = pageOf(anInput());
    expect(links).toEqual(expect.arrayContaining(['docs/runbook/logged-out.md#redirects', 'docs/incidents.md#stickiness-off']));
  });

  it('has links that can be opened where the documentation has an address', () => {
    const { links } = pageOf(anInput({ place: { ...PLACE, documentation: 'https://git.example.com/holdfast/blob/main/docs/' } }));
    expect(links).toEqual([
      'https://git.example.com/holdfast/blob/main/docs/runbook/logged-out.md#redirects',
      'https://git.example.com/holdfast/blob/main/docs/incidents.md#stickiness-off',
      'https://git.example.com/holdfast/blob/main/docs/mitigations.md',
    ]);
  });

  it('links the runbook in the local console where there is one', () => {
    const { links } = pageOf(anInput({ place: { ...PLACE, local: true, console: 'http://127.0.0.1:4100/' } }));
    expect(links).toEqual([
      'http://127.0.0.1:4100/#/runbook/redirects',
      'http://127.0.0.1:4100/#/runbook/stickiness-off',
      'docs/mitigations.md',
    ]);
  });

  it.each([...fleetAlarmNames('live', 'web', { group: true, retention: true, canary: false }), ...storeAlarmNames('live')])(
    '%s has a heading in the runbook, which is linked',
    (from) => {
      const incident = anIncident({ signs: [{ from, state: 'ALARM', atMs: AT }] });
      const [page = '', heading] = pageOf(anInput({ incident })).links[0]?.split('#') ?? [];
      expect(readFileSync(page, 'utf8')).toContain(`\n## ${heading}\n`);
    },
  );

  it.each(Object.values(CAUSES).flat())('%s has an anchor in the page of causes, which a report links', (cause) => {
    expect(incidentsPage()).toContain(`<a id="${cause}"></a>`);
  });
});

describe('a finding', () => {
  it('that is unknown says what the evidence allows and what would decide it', () => {
    const text = textWith({
      finding: {
        verdict: 'unknown',
        candidates: ['store-full', 'store-connection-failures'],
        missing: [{ text: 'the counters of the store', source: 'store' }],
        shown: [],
      },
      mitigations: {},
    });
    expect(text.replaceAll('\n', ' ')).toMatch(/^It is not known whether users are affected: .*; first seen at 2026-11-22 03:12:05 UTC\./);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'The cause is not known. Not ruled out: the store is full; servers cannot use the store.',
    );
    expect(text).toContain('Holdfast changed nothing: no mitigation fits the finding.');
  });

  it('of nothing says so', () => {
    const text = textWith({
      finding: { verdict: 'nothing', because: [{ text: 'hit rate is 99 percent', source: 'readings' }], missing: [] },
      mitigations: {},
    });
    expect(text).toMatch(
      /^No user of fleet web is affected; read from 02:12:05 until 03:13:05 UTC\.\n[\s\S]*Alarm live-web-redirects fired at 2026-11-22 03:12:05 UTC; the evidence shows no\s+trouble\. Certain\./,
    );
  });

  it('that does not exist yet is a page too', () => {
    const { finding: _, report: __, ...incident } = anIncident({ stage: 'collecting', mitigations: {} });
    const page = pageOf({ incident, place: PLACE, nowMs: AT + 60_000 });
    expect(textOf(page)).toContain('The runbook is collecting evidence.');
    expect(page.verdict).toBe('pending');
  });
});

describe('a mitigation', () => {
  const record = anIncident().mitigations['restore-stickiness'] as NonNullable<
    ReturnType<typeof anIncident>['mitigations']['restore-stickiness']
  >;
  const pageIn = (state: MitigationState, more: object = {}) =>
    pageOf(anInput({ incident: anIncident({ mitigations: { 'restore-stickiness': { ...record, state, ...more } } }) }));
  const textIn = (state: MitigationState, more: object = {}) => textOf(pageIn(state, more)).replaceAll(/\n\s*/g, ' ');

  it.each([
    ['observed', { mode: 'observe' }, 'Holdfast changed nothing: a person decides about restore-stickiness.'],
    [
      'refused',
      { detail: 'the target group no longer exists' },
      'restore-stickiness was not carried out (the target group no longer exists).',
    ],
    ['acting', { actedAtMs: AT + 60_000 }, 'restore-stickiness is being carried out since 03:13:05 UTC.'],
    ['done', { finishedAtMs: AT + 120_000 }, 'restore-stickiness was carried out and its result was checked at 03:14:05 UTC.'],
    [
      'undone',
      { detail: 'sessions still change servers', finishedAtMs: AT + 120_000 },
      'restore-stickiness was undone at 03:14:05 UTC (sessions still change servers).',
    ],
    ['leftBehind', { detail: 'AccessDenied' }, 'restore-stickiness could not be undone (AccessDenied): what it changed is still there.'],
  ] as const)('that is %s is described', (state, more, sentence) => {
    expect(textIn(state, more)).toContain(sentence);
  });

  it('that left something behind is the first thing to do', () => {
    expect(textIn('leftBehind', { detail: 'the rule with priority 10' })).toContain(
      '1. Restore by hand what restore-stickiness left behind: the rule with priority 10',
    );
  });
});

describe('a page of many events', () => {
  const change = (index: number, event: string) => ({
    atMs: AT - 3_600_000 + index * 1_000,
    event,
    roleArn: 'arn:aws:iam::111122223333:role/cdk',
    eventId: `e-${index}`,
    resource: `sg-${index}`,
  });
  const linesWith = (changes: readonly object[]) => {
    const evidence = someEvidence({ changes: { takenAtMs: AT, facts: { completeUntilMs: AT, changes } } } as never);
    return textOf(pageOf(anInput({ evidence })), { verbose: true }).split('\n');
  };

  it('has changes of one kind by one role in one row', () => {
    const changes = Array.from({ length: 9 }, (_, index) =>
      change(index, index % 2 === 0 ? 'AuthorizeSecurityGroupIngress' : 'CreateRule'),
    );
    const rows = (lines: readonly string[]) => lines.filter((line) => / changes {2}/.test(line)).length;
    expect(rows(linesWith(changes))).toBe(2);
    expect(linesWith(changes).join(' ').replaceAll(/ +/g, ' ')).toContain('(event e-0), and 4 more like it');
  });

  it('has an event once that ElastiCache reports for each node', () => {
    const event = { atMs: AT, message: 'Failover completed' };
    const evidence = someEvidence({ storeGroup: { takenAtMs: AT, facts: { events: [event, event] } } } as never);
    expect(pageOf(anInput({ evidence })).timeline.events.filter(({ text }) => text === event.message)).toHaveLength(1);
  });
});

describe('text from elsewhere', () => {
  const reason = 'line\nbreak \u001b[31mred jane.doe@example.com | `code` <b>';
  const input = anInput({
    incident: anIncident({ signs: [{ from: 'live-web-redirects', state: 'ALARM', atMs: AT, reason }] }),
    evidence: someEvidence({ servers: { gap: reason } }),
  });

  it('cannot steer the terminal, and names no person', () => {
    const text = textOf(pageOf(input), { verbose: true });
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('jane');
    expect(text).toContain('(address)');
  });

  it('is not markup in the Markdown report', () => {
    const markdown = markdownOf(pageOf(input));
    expect(markdown).toMatch(/\n\n(`{3,})text\n[\s\S]*`code`\s+<b>[\s\S]*\n\1\n$/);
    expect(markdown).not.toContain('jane');
    expect(markdown.startsWith('# Users of fleet web are being logged out now')).toBe(true);
  });
});
