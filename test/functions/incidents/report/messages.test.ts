import { describe, expect, it } from 'vitest';
import { approvalMessageOf } from '../../../../functions/incidents/report/approval-message.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { shortMessageOf } from '../../../../functions/incidents/report/short-message.ts';
import { AT, anIncident, anInput, PLACE } from './an-incident.ts';
import { parseCommand } from './parse-command.ts';

const SHOW = 'npx --no holdfast incidents show inc-0123456789ab --fleet web';

describe('the short message', () => {
  it('has the headline, how to decide, three facts and the command for all of it, in this order', () => {
    const { subject, message } = shortMessageOf(pageOf(anInput()), SHOW);
    expect(subject).toBe('Incident (high): live eu-west-1: fleet web: stickiness is off (certain)');
    expect(message).toMatch(
      /^Users of fleet web .* The cause is certain\.\nThe target group of fleet web .*incidents approve .*incidents deny .*- stickiness is off.*All of it: npx --no holdfast incidents show inc-0123456789ab --fleet web$/s,
    );
  });

  it('has what to do now, as commands that fit a telephone', () => {
    const { message } = shortMessageOf(pageOf(anInput()), SHOW);
    expect(message).toContain('\nWHAT TO DO NOW\n1. Decide about restore-stickiness');
    expect(message).toContain(
      '\n2. Set stickiness as it was deployed, unless somebody has changed it on purpose: compare the target group',
    );
    expect(message).toContain('\nnpx --no holdfast doctor --fleet web --region eu-west-1 --installation live\n');
    expect(message).not.toContain('aws ');
  });

  it('has the first steps of the page in their order, with and without a command, and each decision', () => {
    const page = pageOf(anInput());
    const next = [{ text: 'Ask people.', commands: [] }, ...page.next.slice(1)];
    const { message } = shortMessageOf({ ...page, next }, SHOW);
    const steps = [...message.matchAll(/^\d\. (.*)$/gm)].map(([, text]) => text);
    expect(steps[0]).toBe('Ask people.');
    expect(steps).toEqual(next.slice(0, 2).map(({ text }) => text));
    const decision = { text: 'Decide.', commands: ['npx --no holdfast incidents approve x'] };
    const last = shortMessageOf({ ...page, next: [next[0], ...page.next.slice(1, 3), decision] as never }, SHOW);
    expect(last.message).toContain('. Decide.\n');
  });

  it('has the address of the runbook, where the documentation has one', () => {
    const place = { ...PLACE, documentation: 'https://git.example.com/holdfast/blob/main/docs' };
    expect(shortMessageOf(pageOf(anInput({ place })), SHOW).message).toContain(
      '\n\nhttps://git.example.com/holdfast/blob/main/docs/runbook/logged-out.md#redirects\nAll of it: ',
    );
    expect(shortMessageOf(pageOf(anInput()), SHOW).message).not.toContain('docs/');
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
    expect(subject).toBe('Approval needed (high): live eu-west-1: fleet web: restore-stickiness');
    expect(message).toMatch(
      /^Users of fleet web .* The cause is certain\.\nThe target group of fleet web .*waits for approval until 2026-11-22 03:42:05 UTC; without an answer it is not carried out.*It would send this\.\n {2}elbv2 ModifyTargetGroupAttributes .*incidents show .*incidents approve .*incidents deny [^\n]*$/s,
    );
    for (const command of message.split('\n').filter((line) => line.startsWith('npx ')))
      expect(() => parseCommand(command), command).not.toThrow();
  });
});
