import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../demo/incident-faults/table.ts';
import { CONFIDENCE, FIRST_STEPS, kindOf, pageProblems } from '../../incidents/expectations.ts';

describe('the kind of a step', () => {
  it.each([
    ['./holdfast doctor --fleet web', 'doctor'],
    ['./holdfast restart i-2d9ec1a09aebf75ea --fleet web', 'restart ID'],
    ['./holdfast incidents show inc-0123456789ab --verbose --fleet web', 'incidents show ID --verbose'],
    ['./holdfast incidents approve inc-0123456789ab keep-servers --fleet web', 'incidents approve ID keep-servers'],
    ['./holdfast deploys show 8c1f --fleet web --region eu-west-1', 'deploys show ID'],
    ['./holdfast sweep --lives raise --dry-run --fleet web', 'sweep --lives raise --dry-run'],
  ])('%s is %s', (command, kind) => {
    expect(kindOf({ text: 'Do this:', commands: [command] })).toBe(kind);
  });

  it('is its sentence without a command', () => {
    expect(kindOf({ text: 'Set SameSite=Lax.', commands: [] })).toBe('Set SameSite=Lax.');
  });
});

describe('what a page has to show', () => {
  it('is known of every fault that has a cause', () => {
    const caused = FAULTS.flatMap(({ name, cause }) => (cause ? [{ name, cause }] : []));
    expect(caused.filter(({ name }) => CONFIDENCE[name] === undefined)).toEqual([]);
    expect(caused.filter(({ cause }) => FIRST_STEPS[cause] === undefined)).toEqual([]);
  });

  it('has no problem where all is as expected', () => {
    const one = { name: 'same-site-strict', about: 'fleet web' };
    for (const firstStep of ['deploys', 'deploy ID'])
      expect(pageProblems(one, 'same-site', 'likely', { about: 'fleet web', firstStep })).toEqual([]);
    expect(pageProblems({ name: 'bot', about: 'fleet web' }, 'nothing', undefined, { about: 'fleet web', firstStep: 'doctor' })).toEqual(
      [],
    );
  });

  it('names another confidence, another fleet and another first step', () => {
    const one = { name: 'missing-expiry', about: 'fleet web' };
    expect(pageProblems(one, 'missing-expiry', 'certain', { about: 'the session store', firstStep: 'sweep --dry-run --full' })).toEqual([
      'the finding is certain, and its evidence makes it likely',
      'the page is about the session store, and the fault about fleet web',
      'the page says first "sweep --dry-run --full", and not sweep --dry-run',
    ]);
    expect(pageProblems(one, 'missing-expiry', 'likely', { about: 'fleet web', firstStep: undefined })).toEqual([
      'the page says first "", and not sweep --dry-run',
    ]);
  });
});
