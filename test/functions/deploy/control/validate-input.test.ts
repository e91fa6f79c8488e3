import { describe, expect, it } from 'vitest';
import { validateInput } from '../../../../functions/deploy/control/validate-input.ts';

const start = (input: unknown) => ({ input, executionName: 'd1', executionArn: 'arn:d1', startTime: '2026-01-05T12:00:00.123Z' });

describe('validateInput', () => {
  it("gives the deploy with the fleet's settings and all defaults", () => {
    const deploy = validateInput(start({ version: '1.4.2', requestedBy: 'ann' }), 'web', { deregistrationDelaySeconds: 60 });
    expect(deploy).toMatchObject({
      deployId: 'd1',
      executionArn: 'arn:d1',
      fleet: 'web',
      version: '1.4.2',
      requestedBy: 'ann',
      recover: false,
      startedAtMs: Date.UTC(2026, 0, 5, 12, 0, 0, 123),
    });
    expect(deploy.settings).toMatchObject({
      deregistrationDelaySeconds: 60,
      drainTimeoutSeconds: 50,
      healthyInARow: 3,
      minimumHealthyTargets: 2,
    });
  });

  it.each([
    [undefined, undefined, 'rollback'],
    [undefined, 'halt', 'halt'],
    ['rollback', 'halt', 'rollback'],
    ['halt', undefined, 'halt'],
  ])('on failure does what the input (%s), else what the fleet (%s) says: %s', (input, settings, expected) => {
    const given = validateInput({ ...start({ version: '1', onFailure: input }) }, 'web', { onFailure: settings });
    expect(given.settings.onFailure).toBe(expected);
  });

  it.each([
    ['the input', { onFailure: 'halt' }, {}],
    ['the fleet', {}, { onFailure: 'halt' }],
  ])('refuses to stop after the first servers where %s leaves servers as they are: nothing would roll back', (_, input, settings) => {
    const refused = expect.objectContaining({ name: 'InvalidInput', message: expect.stringContaining('not possible with onFailure halt') });
    expect(() => validateInput(start({ version: '1', pauseAfter: 1, ...input }), 'web', settings)).toThrow(refused);
    expect(validateInput(start({ version: '1', pauseAfter: 1, onFailure: 'rollback' }), 'web', settings)).toMatchObject({ pauseAfter: 1 });
  });

  it('takes what recovers a fleet without ending sessions, and nothing of the kind by itself', () => {
    const both = start({ version: '1', recover: true, keepsSessions: true });
    expect(validateInput(both, 'web', {})).toMatchObject({ recover: true, keepsSessions: true });
    expect(validateInput(start({ version: '1', keepsSessions: true }), 'web', {})).not.toHaveProperty('keepsSessions');
  });

  it('takes one instance to restart, which is none to recover', () => {
    expect(validateInput(start({ version: '1', restart: 'i-0abc' }), 'web', {})).toMatchObject({ restart: 'i-0abc', recover: false });
    expect(validateInput(start({ version: '1' }), 'web', {})).not.toHaveProperty('restart');
    expect(() => validateInput(start({ version: '1', restart: 'i-0abc', recover: true }), 'web', {})).toThrow('a restart has no recover');
    expect(() => validateInput(start({ version: '1', restart: '*' }), 'web', {})).toThrow("the deploy's input is not valid");
  });

  it('an adoption takes no server out: the others do not matter, nothing goes back, and nothing has to settle', () => {
    const deploy = validateInput(start({ version: '1', adopt: 'equal' }), 'web', {});
    expect(deploy).toMatchObject({ adopt: 'equal', recover: true, settings: { onFailure: 'halt', settleSeconds: 0 } });
    expect(() => validateInput(start({ version: '1', adopt: 'all' }), 'web', {})).toThrow("the deploy's input is not valid");
  });

  it('takes the restart of all servers with what a deploy takes, and of one server not with it', () => {
    const all = { version: '1', restartAll: true, recover: true, pauseAfter: 1, expect: 'pages' };
    expect(validateInput(start(all), 'web', {})).toMatchObject(all);
    expect(validateInput(start({ version: '1' }), 'web', {})).not.toHaveProperty('restartAll');
    expect(() => validateInput(start({ version: '1', restart: 'i-0abc', restartAll: true }), 'web', {})).toThrow(
      'a restart has no restartAll: i-0abc is its only server. Nothing was changed',
    );
    expect(() => validateInput(start({ version: '1', restartAll: false }), 'web', {})).toThrow("the deploy's input is not valid");
  });

  it('takes what one release does to users by intent, of a deploy alone', () => {
    for (const expected of ['turned-away', 'pages'])
      expect(validateInput(start({ version: '1', expect: expected }), 'web', {})).toMatchObject({ expect: expected });
    expect(validateInput(start({ version: '1' }), 'web', {})).not.toHaveProperty('expect');
    for (const other of ['', 'errors', 'turnedAway', true])
      expect(() => validateInput(start({ version: '1', expect: other }), 'web', {})).toThrow(/the deploy's input is not valid: expect: /);
    expect(() => validateInput(start({ version: '1', restart: 'i-0abc', expect: 'pages' }), 'web', {})).toThrow(
      'a restart has no expect: i-0abc keeps its release, and nothing that users meet stops it. Nothing was changed',
    );
  });

  it('keeps a drain time-out that is set', () => {
    expect(validateInput(start({ version: '1' }), 'web', { drainTimeoutSeconds: 45 }).settings.drainTimeoutSeconds).toBe(45);
  });

  it.each([['none'], ['.1'], ['1 2'], ['../1'], [''], [7], [undefined], ['1'.repeat(65)]])(
    'throws InvalidVersion quoting the rule on %j',
    (version) => {
      expect(() => validateInput(start({ version }), 'web', {})).toThrow(
        expect.objectContaining({ name: 'InvalidVersion', message: expect.stringContaining('begins with a letter or digit') }),
      );
    },
  );

  it.each([
    { title: 'an unknown key', input: { version: '1', force: true }, settings: {}, message: 'force' },
    { title: 'a recover that is no boolean', input: { version: '1', recover: 'yes' }, settings: {}, message: 'recover' },
    { title: 'settings out of range', input: { version: '1' }, settings: { healthyInARow: 0 }, message: 'healthyInARow' },
    { title: 'a drain that ends too late', input: { version: '1' }, settings: { drainTimeoutSeconds: 295 }, message: 'is later than 290' },
    { title: 'settings with a typing error', input: { version: '1' }, settings: { quitSeconds: 1 }, message: 'quitSeconds' },
  ])('throws InvalidInput on $title', ({ input, settings, message }) => {
    expect(() => validateInput(start(input), 'web', settings)).toThrow(
      expect.objectContaining({ name: 'InvalidInput', message: expect.stringContaining(message) }),
    );
  });

  it('throws InvalidVersion on an input that is no object', () => {
    for (const input of [null, undefined, '1.4.2', []])
      expect(() => validateInput(start(input), 'web', {})).toThrow(expect.objectContaining({ name: 'InvalidVersion' }));
  });
});
