import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROWS } from '../../../../functions/incidents/classify/table.ts';
import { CAUSES } from '../../../../functions/incidents/contract/causes.ts';
import type { MitigationState } from '../../../../functions/incidents/contract/incident.ts';
import { axisLines } from '../../../../functions/incidents/report/axis.ts';
import { CAUSE_STEPS } from '../../../../functions/incidents/report/cause-steps.ts';
import { markdownOf } from '../../../../functions/incidents/report/markdown.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { textOf } from '../../../../functions/incidents/report/text.ts';
import { fleetAlarmNames, storeAlarmNames } from '../../../../functions/shared/naming.ts';
import { incidentsPage } from '../../../docs/incidents-page.ts';
import { evidence as healthy } from '../healthy-evidence.ts';
import { AT, anIncident, anInput, PLACE, someEvidence } from './an-incident.ts';
import { parseCommand } from './parse-command.ts';

const textWith = (incident: Parameters<typeof anIncident>[0]) => textOf(pageOf(anInput({ incident: anIncident(incident) })));

describe('the page of an incident, as text', () => {
  const text = textOf(pageOf(anInput()));

  it('begins with who is hurt since when and how sure the cause is, then why', () => {
    expect(text.split('\n\n', 1)[0]).toBe(
      [
        'Users of fleet web are being logged out now; first seen at 2026-11-22 03:10:05 UTC. The cause is',
        'certain.',
        'The target group of fleet web no longer keeps users on their server, since 03:10 UTC.',
        'Act now. Open for 11 m 40 s.',
      ].join('\n'),
    );
  });

  it('does not say for how long it has been open in its first minute', () => {
    const early = (minutes: number, more: object) =>
      pageOf(anInput({ nowMs: AT + 20_000 + minutes * 60_000, incident: anIncident(more) })).state;
    expect(early(0, {})).toBe('Act now.');
    expect(early(0, { mitigations: {} })).toBe('Act now.');
    expect(early(1, { mitigations: {} })).toBe('Act now. Open for 1 m 00 s.');
    const incident = anIncident({ mitigations: {} });
    expect(textOf(pageOf(anInput({ nowMs: AT + 20_000, incident })))).toMatch(/since 03:10 UTC\.\nAct now\.\n\nWHAT TO DO NOW/);
  });

  it('does not name users where nobody is affected', () => {
    const finding = { ...anIncident().finding, cause: 'collector-cut-off' } as never;
    const page = pageOf(anInput({ incident: anIncident({ finding, mitigations: {} }), evidence: healthy() }));
    expect(page.headline).toMatch(/^No user of fleet web is affected/);
    expect(page.affected.join(' ')).not.toContain('Users of');
  });

  it('has what to do and why before the rest', () => {
    const titles = text.split('\n').filter((line) => /^[A-Z ,]{4,}(?: \(|$)/.test(line));
    expect(titles.map((title) => title.replace(/ \(.*/, ''))).toEqual([
      'WHAT TO DO NOW',
      'WHAT SHOWS IT',
      'MORE THAT SHOWS IT',
      'RULED OUT',
      'NOT KNOWN, AND COULD SHOW OTHERWISE',
      'WHAT WAS DONE',
      'ALSO',
      'TIMELINE',
      'READ MORE',
    ]);
  });

  it('has three facts, the others on request', () => {
    expect(text).toMatch(/WHAT SHOWS IT\n1\. .*\n2\. .*\n3\. .*\n\n-+ the rest -+\n\nMORE THAT SHOWS IT\n {3}1 more: --all shows it/);
    expect(textOf(pageOf(anInput()), { all: true })).toContain('4. no session of the store was evicted (session store)');
  });

  it('has what is ruled out apart from what is not known, without a double negation', () => {
    expect(text).toContain('RULED OUT\n- draining targets: 0 of 3 targets are draining or unhealthy\n');
    expect(text).toContain('SHOW OTHERWISE\n- a session that stays on one server (access logs: not of every server)');
    expect(text).not.toMatch(/not so|not known \(/);
  });

  it.each(ROWS.flatMap(({ cause, refutedBy }) => refutedBy.map((condition) => [cause, condition] as const)))(
    '%s rules out what can be said without a negation',
    (_, { asks, ruledOut }) => {
      expect(ruledOut ?? `${asks.charAt(0).toLowerCase()}${asks.slice(1)}`).not.toMatch(/^(no|not|none|it|its|they) /);
    },
  );

  it('has what every page would have only on request: what marks mean, that there is no canary, that CloudTrail is late', () => {
    const all = textOf(pageOf(anInput()), { all: true });
    for (const line of ['= lasted', 'canary: there is no canary', 'CloudTrail is complete until']) {
      expect(text).not.toContain(line);
      expect(all).toContain(line);
    }
    expect(text).not.toMatch(/run the runbook again|closes after a quiet period/);
  });

  it('prints commands that carry Region and installation on AWS, each on a line of its own', () => {
    expect(text).toContain(
      '\n     npx --no holdfast incidents do inc-0123456789ab restore-stickiness --fleet web --region eu-west-1 --installation live\n',
    );
    expect(text).toContain('\n     npx --no holdfast doctor --fleet web --region eu-west-1 --installation live\n');
  });

  it('prints commands without a Region for the local cloud', () => {
    const local = textOf(pageOf(anInput({ place: { ...PLACE, local: true } })));
    expect(local).toContain('\n     npx --no holdfast incidents do inc-0123456789ab restore-stickiness --fleet web\n');
    expect(local).not.toContain('--region');
  });

  it('has alarms, deploys and changes on one axis', () => {
    const rows = text.split('\n').filter((line) => /^(alarms|deploys|changes|runbook) {1,4}[.=!*+]{62}$/.test(line));
    expect(rows.map((row) => row.split(' ')[0])).toEqual(['alarms', 'deploys', 'changes', 'runbook']);
    const column = (lane: string, mark: string) => rows.find((row) => row.startsWith(lane))?.indexOf(mark) ?? -1;
    expect(column('deploys', '=')).toBeLessThan(column('changes', '*'));
    expect(column('changes', '*')).toBeLessThan(column('alarms', '!'));
  });

  it('keeps to 100 columns but for commands, calls that wait for a person, and rows of the report', () => {
    const long = text.split('\n').filter((line) => line.length > 100);
    expect(long.filter((line) => !/^( {5}(npx|aws) | {4}\w+ [A-Z]\w+ [{])/.test(line))).toEqual([]);
  });

  it('names who changed what by role only, and what was not read', () => {
    expect(text).toContain('assumed-role/Network');
    expect(text).not.toContain('jane');
    const evidence = someEvidence({ traffic: { gap: 'AccessDenied' } });
    expect(textOf(pageOf(anInput({ evidence })))).toContain("NOT READ\n- load balancer's metrics: AccessDenied");
  });

  it('has the hash of the evidence', () => {
    expect(text).toContain(`SHA-256  ${'a'.repeat(64)}`);
  });

  it('has seconds on an axis of minutes, and a tick at each place of it', () => {
    const ticksOf = (minutes: number) =>
      axisLines({ fromMs: AT, untilMs: AT + minutes * 60_000, events: [{ lane: 'alarms', atMs: AT, text: 'x', tone: 'bad' }] })[0]
        ?.trim()
        .split(/ +/);
    expect(ticksOf(2)).toEqual(['03:12:05', '03:12:30', '03:12:57', '03:13:22', '03:13:49']);
    expect(ticksOf(40)).toEqual(['03:12', '03:21', '03:30', '03:39', '03:48']);
  });

  it('links the runbook of each alarm, and the causes', () => {
    expect(text).toContain('READ MORE\ndocs/runbook/logged-out.md#redirects\ndocs/incidents.md#stickiness-off\n');
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
        candidates: ['evictions', 'store-connection-failures'],
        missing: [{ text: 'the counters of the store', source: 'store' }],
        shown: [],
      },
      mitigations: {},
    });
    const line = text.replaceAll('\n', ' ');
    expect(line).toMatch(
      /^It is not known whether users are affected: .*; first seen at 2026-11-22 03:12:05 UTC. The cause is not known\./,
    );
    expect(line).toContain('missing: the full store deletes sessions; servers cannot use the store.');
    expect(text).toContain('npx --no holdfast incidents run logged-out --dry-run ');
    expect(text).toContain('WHAT IS MISSING\n- the counters of the store (session store)');
    expect(text).toContain('WHAT WAS DONE\nNothing was changed: no mitigation fits the finding.');
  });

  it('of nothing and of a likely cause names what is not known', () => {
    const open = ['the counters of the store', 'x', 'y'].map((text) => ({ text, source: 'store' }) as const);
    const { finding } = anIncident();
    const whyOf = (wouldRefute: readonly object[]) =>
      pageOf(anInput({ incident: anIncident({ finding: { ...finding, confidence: 'likely', wouldRefute } as never }) })).why;
    expect(whyOf(open.slice(0, 1))).toContain(' What could show otherwise is not known: the counters of the store.');
    expect(whyOf(open)).toContain(' not known: the counters of the store (and 2 more).');
    expect(whyOf([{ ...open[0], ruledOut: 'it' }])).toContain('What shows it does not prove it.');
    const { headline } = pageOf(anInput({ incident: anIncident({ finding: { verdict: 'nothing', because: [], missing: open } }) }));
    expect(headline).toMatch(/affected, as far as the evidence shows; .* Likely; not known: the counters of the store \(and 2 more\)\.$/);
  });

  it('of nothing says so', () => {
    const text = textWith({
      finding: { verdict: 'nothing', because: [{ text: 'hit rate is 99 percent', source: 'readings' }], missing: [] },
      mitigations: {},
    });
    expect(text).toMatch(
      /^No user of fleet web is affected; read from 02:12:05 until\s+03:13:05\s+UTC\. Certain\.\nAlarm live-web-redirects fired at 2026-11-22 03:12:05 UTC; the evidence shows no trouble\.\n/,
    );
  });

  it('that does not exist yet is a page too', () => {
    const { finding: _, report: __, ...incident } = anIncident({ stage: 'collecting', mitigations: {} });
    const page = pageOf({ incident, place: PLACE, nowMs: AT + 60_000 });
    expect(textOf(page)).toContain('The runbook is collecting evidence.');
    expect(page.verdict).toBe('pending');
  });

  const CASES = Object.values(CAUSES).flatMap((causes) => causes.flatMap((cause) => [true, false].map((local) => [cause, local] as const)));
  it.each(CASES)('%s has next steps whose commands carry their options, and are known to the command line (local: %s)', (cause, local) => {
    const deploys = [undefined, { deployId: 'd1', servers: 'i-0a1 drain', options: '--fleet web' }];
    const steps = deploys.flatMap((runningDeploy) =>
      CAUSE_STEPS[cause]('--fleet web', {
        ...{ doctor: 'npx --no holdfast doctor --fleet web', runningDeploy },
        lastDeploy: { deployId: 'd0', servers: '', from: '1.0.0', to: '1.0.1', startedAtMs: AT, endedAtMs: AT, options: '--fleet web' },
        ...{ areDeploysRead: true, isOver: false, goneBy: undefined, isScaleIn: false, isCookieMissed: false },
        ...{
          refusedServers: ['i-0a1'],
          server: 'i-0a1',
          replaces: 'now' as const,
          storeAnswers: true,
          overdueMinutes: undefined,
          isBusy: false,
          engine: { load: '', node: 'sessions-001', isFree: false, missed: undefined },
          local,
        },
        ...{
          cutOff: { servers: ['i-0a1', 'i-0b2'], of: 3 },
          madeBy: 'browsers' as const,
          startedAnew: undefined,
          shortLives: undefined,
          ...{
            emptied: undefined,
            noConnections: undefined,
            lostReplica: undefined,
            isWithoutFailover: true,
            past: undefined,
            stale: undefined,
          },
          suspects: [],
          aws: () => [],
        },
      }),
    );
    expect(steps.length).toBeGreaterThan(0);
    for (const command of steps.flatMap(({ commands }) => commands)) {
      expect(command).toMatch(/^npx --no holdfast .*--fleet web$/);
      expect(() => parseCommand(command), command).not.toThrow();
    }
  });

  it.each([
    ['npx --no holdfast sweep --everything --fleet web', "unknown option '--everything'"],
    ['npx --no holdfast incidents do', "missing required argument 'id'"],
  ])('%s would be refused by the command line', (command, why) => {
    expect(() => parseCommand(command)).toThrow(why);
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
    ['observed', { mode: 'observe' }, 'Nothing was changed: a person decides about restore-stickiness.'],
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

  it('that is only observed has the command that has it carried out', () => {
    const command = 'npx --no holdfast incidents do inc-0123456789ab restore-stickiness --fleet web --region eu-west-1 --installation live';
    expect(textOf(pageIn('observed'))).toContain(`\n     ${command}\n`);
    expect(markdownOf(pageIn('observed'))).toContain(command);
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
  const linesWith = (changes: readonly object[], all = false) => {
    const evidence = someEvidence({ changes: { takenAtMs: AT, facts: { completeUntilMs: AT, changes } } } as never);
    return textOf(pageOf(anInput({ evidence })), { all }).split('\n');
  };

  it('has changes of one kind by one role in one row, all of them on request', () => {
    const changes = Array.from({ length: 9 }, (_, index) =>
      change(index, index % 2 === 0 ? 'AuthorizeSecurityGroupIngress' : 'CreateRule'),
    );
    const rows = (lines: readonly string[]) => lines.filter((line) => / changes {2}/.test(line)).length;
    expect(rows(linesWith(changes))).toBe(2);
    expect(linesWith(changes).join(' ').replaceAll(/ +/g, ' ')).toContain('(event e-0), and 4 more like it');
    expect(rows(linesWith(changes, true))).toBe(9);
  });

  it('leaves out changes before it leaves out an alarm', () => {
    const lines = linesWith(Array.from({ length: 200 }, (_, index) => change(index, `Event${index}`)));
    expect(lines.some((line) => /alarm live-web-redirects fired/.test(line))).toBe(true);
    expect(lines.some((line) => /^2\d\d events in all: --all shows them$/.test(line))).toBe(true);
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
    const text = textOf(pageOf(input), { all: true });
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('jane');
    expect(text).toContain('(address)');
  });

  it('is not markup in the Markdown report', () => {
    const markdown = markdownOf(pageOf(input));
    expect(markdown).toContain('\\| \\`code\\` \\<b>');
    expect(markdown).not.toContain('jane');
    expect(markdown.startsWith('# Users of fleet web are being logged out now')).toBe(true);
  });
});
