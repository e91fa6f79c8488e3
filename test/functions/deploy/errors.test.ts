import { describe, expect, it } from 'vitest';
import * as errors from '../../../functions/deploy/errors.ts';
import * as instanceErrors from '../../../functions/instance/errors.ts';
import * as recordErrors from '../../../functions/records/records.ts';
import { HoldfastError } from '../../../functions/shared/errors.ts';

const classes = Object.entries<unknown>({ ...errors, ...instanceErrors, ...recordErrors }).flatMap(([name, value]) =>
  typeof value === 'function' ? [{ name, ErrorClass: value }] : [],
);

describe('errors of a deploy, of its steps on a server and of its lock', () => {
  it.each(classes)('$name carries its class name, for Retry and Catch match on it', ({ name, ErrorClass }) => {
    const error: Error = Reflect.construct(ErrorClass, ['web', {}, 'c', 'd']);
    expect(error).toBeInstanceOf(HoldfastError);
    expect(error.name).toBe(name);
  });

  it('lists every error by its name', () => {
    const listed: readonly string[] = errors.DEPLOY_ERRORS;
    expect(classes.map(({ name }) => name).filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('names the holder of the lock and since when', () => {
    const error = new errors.DeployInProgress('web', { deployId: 'd0', requestedBy: 'bob', version: '1.9', acquiredAtMs: 0 });
    expect(error.message).toBe('deploy d0 of 1.9 by bob has held the lock of fleet web since 1970-01-01T00:00:00.000Z');
  });
});
