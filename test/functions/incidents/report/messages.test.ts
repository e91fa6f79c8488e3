import { describe, expect, it } from 'vitest';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { shortMessageOf } from '../../../../functions/incidents/report/short-message.ts';
import { AT, anIncident, anInput, PLACE } from './an-incident.ts';

const SHOW = './holdfast incidents show inc-0123456789ab --fleet web';

describe('the short message', () => {
  it('has the trouble, the cause, the first step and the command for all of it, in this order', () => {
    const { subject, message } = shortMessageOf(pageOf(anInput()), SHOW);
    expect(subject).toBe('Incident (high): live eu-west-1: fleet web: stickiness is off (certain)');
    expect(message).toMatch(
      /^Users of fleet web .*\n\nAct now.*\n\nCertain: The target group of fleet web .*\n\n1\. Set the target group's stickiness .*\n\.\/holdfast incidents do .*All of it: \.\/holdfast incidents show inc-0123456789ab --fleet web$/s,
    );
    expect(message).not.toContain('aws ');
  });

  it('has the address of the runbook, where the documentation has one', () => {
    const place = { ...PLACE, documentation: 'https://git.example.com/holdfast/blob/main/docs' };
    expect(shortMessageOf(pageOf(anInput({ place })), SHOW).message).toContain(
      '\n\nhttps://git.example.com/holdfast/blob/main/docs/runbook/logged-out.md#redirects\nAll of it: ',
    );
    expect(shortMessageOf(pageOf(anInput()), SHOW).message).not.toContain('docs/');
  });

  it('has what was changed before what to do', () => {
    const [[key, known]] = Object.entries(anIncident().mitigations) as [[string, object]];
    const incident = anIncident({ mitigations: { [key]: { ...known, state: 'done' } } as never });
    const { message } = shortMessageOf(pageOf(anInput({ incident })), SHOW);
    expect(message.indexOf('restore-stickiness was carried out')).toBeGreaterThan(0);
    expect(message.indexOf('restore-stickiness was carried out')).toBeLessThan(message.indexOf('\n1. '));
    expect(message).not.toContain('changed nothing');
  });

  it('fits 2,000 characters, and a subject 100 printable ASCII characters, whatever the texts', () => {
    const long = '→é'.repeat(3_000);
    const incident = anIncident({
      fleet: 'f'.repeat(200),
      finding: {
        verdict: 'cause',
        cause: 'store-full',
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
