import { describe, expect, it } from 'vitest';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { shortMessageOf } from '../../../../functions/incidents/report/short-message.ts';
import { AT, anIncident, anInput, PLACE } from './an-incident.ts';

const SHOW = 'npx --no holdfast incidents show inc-0123456789ab --fleet web';

describe('the short message', () => {
  it('has the headline, how to decide, three facts and the command for all of it, in this order', () => {
    const { subject, message } = shortMessageOf(pageOf(anInput()), SHOW);
    expect(subject).toBe('Incident (high): live eu-west-1: fleet web: stickiness is off (certain)');
    expect(message).toMatch(
      /^Users of fleet web .* The cause is certain\.\nThe target group of fleet web .*incidents do .*- stickiness is off.*All of it: npx --no holdfast incidents show inc-0123456789ab --fleet web$/s,
    );
  });

  it('has what to do now, as commands that fit a telephone', () => {
    const { message } = shortMessageOf(pageOf(anInput()), SHOW);
    expect(message).toContain("\nWHAT TO DO NOW\n1. Set the target group's stickiness as it was deployed (restore-stickiness).");
    expect(message).toContain(
      '\n2. Set stickiness as it was deployed, unless somebody has changed it on purpose: compare the target group',
    );
    expect(message).toContain('\nnpx --no holdfast doctor --fleet web --region eu-west-1 --installation live\n');
    expect(message).not.toContain('aws ');
  });

  it('has the first steps of the page in their order, with and without a command', () => {
    const page = pageOf(anInput());
    const next = [{ text: 'Ask people.', commands: [] }, ...page.next.slice(1)];
    const { message } = shortMessageOf({ ...page, next }, SHOW);
    const steps = [...message.matchAll(/^\d\. (.*)$/gm)].map(([, text]) => text);
    expect(steps[0]).toBe('Ask people.');
    expect(steps).toEqual(next.slice(0, 2).map(({ text }) => text));
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
