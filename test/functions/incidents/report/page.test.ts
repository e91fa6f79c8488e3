import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addLocalCommands } from '../../../../bin/local-commands.ts';
import { addCommands, createProgram } from '../../../../cli/program.ts';
import { CAUSES } from '../../../../functions/incidents/contract/causes.ts';
import type { MitigationState } from '../../../../functions/incidents/contract/incident.ts';
import { approvalMessageOf } from '../../../../functions/incidents/report/approval-message.ts';
import { axisLines } from '../../../../functions/incidents/report/axis.ts';
import { CAUSE_STEPS } from '../../../../functions/incidents/report/cause-steps.ts';
import type { Place } from '../../../../functions/incidents/report/incident-page.ts';
import { markdownOf } from '../../../../functions/incidents/report/markdown.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { shortMessageOf } from '../../../../functions/incidents/report/short-message.ts';
import { textOf } from '../../../../functions/incidents/report/text.ts';
import { fleetAlarmNames, storeAlarmNames } from '../../../../functions/shared/naming.ts';
import { incidentsPage } from '../../../docs/incidents-page.ts';
import { AT, anIncident, anInput, PLACE, someEvidence } from './an-incident.ts';

/** Parses a command as the command line does, and runs nothing. @throws for what it would refuse */
function parseCommand(command: string): void {
  const [, name, ...words] = command.split(' ');
  if (name !== 'holdfast') return;
  const program = createProgram();
  const run = async () => {};
  addCommands(program, run);
  addLocalCommands(program, run);
  program.parse(words, { from: 'user' });
}

const SHOW = 'npx holdfast incidents show inc-0123456789ab --fleet web';
const textWith = (incident: Parameters<typeof anIncident>[0]) => textOf(pageOf(anInput({ incident: anIncident(incident) })));

describe('the page of an incident, as text', () => {
  const text = textOf(pageOf(anInput()));

  it('begins with what is wrong since when, how sure that is, and the state', () => {
    expect(text.split('\n\n', 1)[0]?.replaceAll('\n', ' ')).toBe(
      'The target group of fleet web no longer keeps users on their server, since 03:10 UTC ' +
        'Certain: every fact that could show otherwise is known, and none does. ' +
        'Open for 11 m 40 s; a mitigation waits for approval. 2 changes of alarms joined it.',
    );
  });

  it('has three facts, the others on request', () => {
    expect(text).toMatch(/WHAT SHOWS IT\n1\. .*\n.*2\. .*\n.*3\. .*\n {3}and 1 more: --all shows it/s);
    expect(textOf(pageOf(anInput()), { all: true })).toContain('4. no session of the store was evicted (session store)');
  });

  it('has the fact that would show otherwise', () => {
    expect(text).toContain('WHAT WOULD SHOW OTHERWISE\n- a session that stays on one server and is lost all the same (servers)');
  });

  it('prints commands that carry Region and installation on AWS, each on a line of its own', () => {
    expect(text).toContain(
      '\n     npx holdfast incidents approve inc-0123456789ab restore-stickiness --fleet web --region eu-west-1 --installation live\n',
    );
    expect(text).toContain('\n     npx holdfast doctor --fleet web --region eu-west-1\n');
  });

  it('prints commands without a Region for the local cloud', () => {
    const local = textOf(pageOf(anInput({ place: { ...PLACE, local: true } })));
    expect(local).toContain('\n     npx holdfast incidents deny inc-0123456789ab restore-stickiness --fleet web\n');
    expect(local).not.toContain('--region');
  });

  it('has alarms, deploys and changes on one axis', () => {
    const rows = text.split('\n').filter((line) => /^(alarms|deploys|changes|runbook) {1,4}[.=!*+]{62}$/.test(line));
    expect(rows.map((row) => row.split(' ')[0])).toEqual(['alarms', 'deploys', 'changes', 'runbook']);
    const column = (lane: string, mark: string) => rows.find((row) => row.startsWith(lane))?.indexOf(mark) ?? -1;
    expect(column('deploys', '=')).toBeLessThan(column('changes', '*'));
    expect(column('changes', '*')).toBeLessThan(column('alarms', '!'));
  });

  it('keeps to 80 columns but for commands, calls that wait for a person, and rows of the report', () => {
    const long = text.split('\n').filter((line) => line.length > 80);
    expect(long.filter((line) => !/^( {5}(npx|aws) | {4}\w+ [A-Z]\w+ [{])/.test(line))).toEqual([]);
  });

  it('names who changed what by role only, and what was not read', () => {
    expect(text).toContain('assumed-role/Network');
    expect(text).not.toContain('jane');
    expect(text).toContain('NOT READ\n- CloudTrail is complete until 03:07 UTC only\n- canary: there is no canary');
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

  it('links the causes, and the runbook of each alarm', () => {
    expect(text.replaceAll(/\n\s+/g, ' ')).toContain('Read more: docs/incidents.md#stickiness-off, docs/operator-runbook.md#redirects');
  });

  it.each([...fleetAlarmNames('live', 'web', true), ...storeAlarmNames('live')])(
    '%s has a heading in the runbook, which is linked',
    (from) => {
      const incident = anIncident({ signs: [{ from, state: 'ALARM', atMs: AT }] });
      const { text: last = '' } = pageOf(anInput({ incident })).next.at(-1) ?? {};
      const heading = /docs\/operator-runbook\.md#(\S+)$/.exec(last)?.[1];
      expect(readFileSync('docs/operator-runbook.md', 'utf8')).toContain(`\n## ${heading}\n`);
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
      },
      mitigations: {},
    });
    expect(text).toContain('Users of fleet web may be getting logged out since 2026-11-22 03:12:05 UTC; the');
    expect(text).toContain('Unknown: the evidence rules out every cause but evictions,\nstore-connection-failures.');
    expect(text).toContain('WHAT IS MISSING\n- the counters of the store (session store)');
    expect(text).toContain('WHAT WAS DONE\nNothing was changed: no mitigation fits the finding.');
  });

  it('of nothing says so', () => {
    const text = textWith({
      finding: { verdict: 'nothing', because: [{ text: 'hit rate is 99 percent', source: 'readings' }], missing: [] },
      mitigations: {},
    });
    expect(text).toMatch(
      /^Alarm live-web-redirects fired at 2026-11-22 03:12:05 UTC; the evidence shows no\ntrouble\.\nCertain: everything that would show trouble was read\./,
    );
  });

  it('that does not exist yet is a page too', () => {
    const { finding: _, report: __, ...incident } = anIncident({ stage: 'collecting', mitigations: {} });
    const page = pageOf({ incident, place: PLACE, nowMs: AT + 60_000 });
    expect(textOf(page)).toContain('the runbook is collecting evidence');
    expect(page.verdict).toBe('pending');
  });

  const CASES = Object.values(CAUSES).flatMap((causes) => causes.flatMap((cause) => [true, false].map((local) => [cause, local] as const)));
  it.each(CASES)('%s has next steps whose commands carry their options, and are known to the command line (local: %s)', (cause, local) => {
    const deploys = [undefined, { deployId: 'd1', options: '--fleet web' }];
    const steps = deploys.flatMap((runningDeploy) =>
      CAUSE_STEPS[cause]('--fleet web', {
        doctor: 'npx holdfast doctor --fleet web',
        runningDeploy,
        lastDeploy: { from: '1.0.0', to: '1.0.1', endedAtMs: AT, options: '--fleet web' },
        local,
      }),
    );
    expect(steps.length).toBeGreaterThan(0);
    for (const command of steps.flatMap(({ commands }) => commands)) {
      expect(command).toMatch(/^npx holdfast (cost$|.*--fleet web$)/);
      expect(() => parseCommand(command), command).not.toThrow();
    }
  });

  it.each([
    ['npx holdfast sweep --everything --fleet web', "unknown option '--everything'"],
    ['npx holdfast incidents approve', "missing required argument 'id'"],
  ])('%s would be refused by the command line', (command, why) => {
    expect(() => parseCommand(command)).toThrow(why);
  });
});

describe('a mitigation', () => {
  const record = anIncident().mitigations['restore-stickiness'] as NonNullable<
    ReturnType<typeof anIncident>['mitigations']['restore-stickiness']
  >;
  const textIn = (state: MitigationState, more: object = {}) =>
    textWith({ mitigations: { 'restore-stickiness': { ...record, state, ...more } } }).replaceAll(/\n\s+/g, ' ');

  it.each([
    [
      'observed',
      { mode: 'observe' },
      'Nothing was changed.\n- restore-stickiness was not carried out: its mode is observe (incidents.mitigations of the configuration). Its effect would be: users stay on one server again.',
    ],
    [
      'waitingForApproval',
      { detail: 'it waits until 03:43 UTC, and is not carried out without an answer' },
      'restore-stickiness waits for approval since 03:13:05 UTC (it waits until 03:43 UTC, and is not carried out without an answer). Its effect would be: users stay on one server again.',
    ],
    [
      'refused',
      { detail: 'the target group no longer exists' },
      'restore-stickiness was not carried out (the target group no longer exists).',
    ],
    ['denied', {}, 'restore-stickiness was not carried out: no approval came in time.'],
    [
      'denied',
      { decidedBy: 'arn:aws:iam::111122223333:role/Lead' },
      'restore-stickiness was denied by arn:aws:iam::111122223333:role/Lead.',
    ],
    ['acting', {}, 'restore-stickiness is being carried out since 03:13:05 UTC.'],
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

  it('that is only observed can be carried out by hand', () => {
    expect(textIn('observed')).toContain(
      'aws elbv2 modify-target-group-attributes --cli-input-json \'{"TargetGroupArn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/live-web/1","Attributes":[]}\' --region eu-west-1',
    );
  });

  it('that is only observed has no command of the AWS CLI in the report of the local cloud, which does not know its endpoint', () => {
    const incident = anIncident({ mitigations: { 'restore-stickiness': { ...record, state: 'observed' } } });
    const commandsOf = (place: Place) => pageOf(anInput({ incident, place })).next.flatMap(({ commands }) => commands);
    const aws = (place: Place) => commandsOf(place).filter((command) => command.startsWith('aws '));
    expect(aws({ ...PLACE, local: true })).toEqual([]);
    expect(aws({ ...PLACE, local: true, awsOptions: '--endpoint-url http://127.0.0.1:1' })).toEqual([
      expect.stringMatching(/ --endpoint-url http:\/\/127\.0\.0\.1:1$/),
    ]);
  });

  it('that left something behind is the first thing to do', () => {
    expect(textIn('leftBehind', { detail: 'the rule with priority 10' })).toContain(
      '1. Restore by hand what restore-stickiness left behind: the rule with priority 10',
    );
  });
});

describe('the short message', () => {
  it('has the headline, how to decide, three facts and the command for all of it', () => {
    const { subject, message } = shortMessageOf(pageOf(anInput()), SHOW);
    expect(subject).toBe('Incident: stickiness-off, fleet web');
    expect(message).toMatch(
      /^The target group of fleet web .*incidents approve .*incidents deny .*- stickiness is off.*All of it: npx holdfast incidents show inc-0123456789ab --fleet web$/s,
    );
  });

  it('has what to do now, as commands that fit a telephone', () => {
    const { message } = shortMessageOf(pageOf(anInput()), SHOW);
    expect(message).toContain('\nNow:\n- Compare the target group with the configuration');
    expect(message).toContain('\nnpx holdfast doctor --fleet web --region eu-west-1\n');
    expect(message).not.toContain('aws ');
  });

  it('has what was changed before why', () => {
    const [[key, known]] = Object.entries(anIncident().mitigations) as [[string, object]];
    const incident = anIncident({ mitigations: { [key]: { ...known, state: 'done' } } as never });
    const { message } = shortMessageOf(pageOf(anInput({ incident })), SHOW);
    expect(message.indexOf('restore-stickiness was carried out')).toBeGreaterThan(0);
    expect(message.indexOf('restore-stickiness was carried out')).toBeLessThan(message.indexOf('- stickiness is off'));
    expect(message).not.toContain('Nothing was changed');
  });

  it('fits 2,000 characters, and a subject 100 printable ASCII characters, whatever the texts', () => {
    const long = '→é'.repeat(3_000);
    const incident = anIncident({
      fleet: 'f'.repeat(200),
      finding: {
        verdict: 'cause',
        cause: 'evictions',
        confidence: 'likely',
        sentence: long,
        sinceMs: AT,
        because: Array.from({ length: 9 }, () => ({ text: long, source: 'store' })),
        wouldRefute: [{ text: long, source: 'store' }],
        also: [],
      },
    });
    const { subject, message } = shortMessageOf(pageOf(anInput({ incident })), SHOW);
    expect(message.length).toBeLessThanOrEqual(2_000);
    expect(message.endsWith(SHOW)).toBe(true);
    expect(subject).toMatch(/^[ -~]{1,100}$/);
  });
});

describe('the message of a mitigation that waits', () => {
  it('has the cause and how sure it is before the calls, until when it waits, and the commands', () => {
    const decision = {
      key: 'restore-stickiness',
      target: { incidentId: 'inc-0123456789ab', fleet: 'web' },
      reason: 'its mode is approve',
    } as const;
    const { subject, message } = approvalMessageOf(anIncident(), [decision], { place: PLACE, untilMs: AT + 1_800_000 });
    expect(subject).toBe('Approval needed: restore-stickiness, fleet web');
    expect(message).toMatch(
      /^The target group of fleet web .*\nCertain: .*waits for approval until 2026-11-22 03:42:05 UTC; without an answer it is not carried out.*It would send:\n {2}elbv2 ModifyTargetGroupAttributes .*incidents show .*incidents approve .*incidents deny [^\n]*$/s,
    );
    for (const command of message.split('\n').filter((line) => line.startsWith('npx ')))
      expect(() => parseCommand(command), command).not.toThrow();
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
    expect(markdown.startsWith('# The target group of fleet web')).toBe(true);
  });
});
