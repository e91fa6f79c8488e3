import { expect, it } from 'vitest';
import { HoldfastError } from '../../../functions/shared/errors.ts';
import { stepHandler } from '../../../functions/shared/step-handler.ts';
import { recordingLog } from '../fakes/fixtures.ts';

it('is wired once, however many requests it serves', async () => {
  let wired = 0;
  const handler = stepHandler<{ step: string }, string>(recordingLog(), () => {
    wired += 1;
    return async ({ step }) => `did ${step}`;
  });
  expect([await handler({ step: 'a' }), await handler({ step: 'b' }), wired]).toEqual(['did a', 'did b', 1]);
});

it('turns what passes by itself into the one error that is repeated', async () => {
  const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  const handler = stepHandler(recordingLog(), () => () => Promise.reject(throttled));
  await expect(handler({ step: 'a' })).rejects.toMatchObject({
    name: 'TransientServiceError',
    cause: throttled,
    message: expect.stringContaining('Rate exceeded'),
  });
});

it('passes verdicts on as they are, and logs them', async () => {
  const log = recordingLog();
  const verdict = new HoldfastError('no');
  const handler = stepHandler(log, () => () => Promise.reject(verdict));
  await expect(handler({ step: 'a' })).rejects.toBe(verdict);
  expect(log.events).toEqual(['step.failed']);
});
