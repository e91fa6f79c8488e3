import { expect, it } from 'vitest';
import { refusedSentence } from '../../../cli/deploy/refused.ts';
import { isRefusal } from '../../../functions/deploy/control/describe-outcome.ts';
import { DeployInProgress } from '../../../functions/deploy/errors.ts';

/** As the state machine ends with it. */
const lockedBy = (holder: Partial<ConstructorParameters<typeof DeployInProgress>[1]>) => {
  const { name: error, message: cause } = new DeployInProgress('web', {
    deployId: 'd0',
    requestedBy: 'ann',
    version: '1.4.0',
    acquiredAtMs: 0,
    ...holder,
  });
  return refusedSentence('The restart of i-1', { error, cause }, '--fleet web');
};

it.each([
  [
    'a deploy',
    lockedBy({}),
    'The restart of i-1 was refused: deploy d0 of 1.4.0 by ann has held the lock of fleet web since 1970-01-01T00:00:00.000Z. Nothing was changed. ' +
      'Follow that one with: ./holdfast deploys follow d0 --fleet web. Abort it with: ./holdfast deploys abort d0 --fleet web.',
  ],
  [
    'a refresh of an earlier version, until the check after deploys ends that',
    lockedBy({ heldBy: 'refresh', version: 'lt-1 version 2' }),
    expect.stringMatching(/refresh d0 to lt-1 version 2 by ann .* Nothing was changed\. It ends within minutes: try again then\.$/),
  ],
  [
    'the check after deploys',
    lockedBy({ heldBy: 'reconcile' }),
    expect.stringMatching(/Nothing was changed\. It ends within minutes: try again then\.$/),
  ],
  [
    'an incident of an earlier version, until the check after deploys ends that',
    lockedBy({ heldBy: 'incident', version: 'keep-servers' }),
    expect.stringMatching(/Nothing was changed\. It ends within minutes: try again then\.$/),
  ],
])('while %s holds the lock, it is no failure, and names what to do', (_, sentence, expected) => {
  expect(sentence).toEqual(expected);
  expect(sentence.match(/nothing was changed/gi)).toHaveLength(1);
});

it.each([
  ['DeployInProgress', true],
  ['ReleaseNotFound', true],
  ['TargetNeverUp', false],
  [undefined, false],
])('%s is a refusal: %s', (error, expected) => expect(isRefusal(error)).toBe(expected));
