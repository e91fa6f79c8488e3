import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { NOT_RELEASED } from '../../../functions/deploy/sessions/unpin.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { type StepFactory, type Stretch, verdictIs, waitThen } from '../steps.ts';

export interface SessionDrainProps {
  /** Makes steps with the error handling of the procedure that rolls one target. */
  readonly steps: StepFactory;
  readonly command: HoldfastFunction;
  readonly sessions: HoldfastFunction;
  /** The data of every step on the target, and where its reply is. */
  readonly rolled: object;
  readonly resultPath: string;
  readonly pollSeconds: number;
}

/** Between two looks at a pinned server at most, whatever the fleet's setting: one that fails is released within 30 s. */
export const LONGEST_LOOK_SECONDS = 10;

/**
 * Before a target is drained: its sessions stay with it, new ones go elsewhere, and the procedure goes on once they have ended. A server
 * that has none passes at once.
 */
export function sessionDrain(scope: Construct, props: SessionDrainProps): readonly Stretch[] {
  const { steps, command, sessions, rolled, resultPath } = props;
  const pollSeconds = Math.min(props.pollSeconds, LONGEST_LOOK_SECONDS);
  const verdictPath = `${resultPath}.verdict`;
  const step = (id: string, fn: HoldfastFunction, name: string) => steps.call(id, fn, name, rolled, resultPath);
  const look = steps.untilDone('Look for sessions', {
    start: step('Look for sessions', command, 'sendSessionLook'),
    check: step('Look for sessions: check', command, 'checkSessionLook'),
    verdictPath,
  });

  const unpin = step('Unpin', sessions, 'unpin');
  const pin = step('Pin', sessions, 'pin');
  const send = step('Wait for sessions', command, 'sendSessionSlice');
  const pinned = new sfn.Choice(scope, 'Pinned?');
  pin.next(pinned);
  pinned
    .when(verdictIs(verdictPath, 'DONE'), send)
    .when(verdictIs(verdictPath, 'SKIP'), unpin)
    .otherwise(waitThen(scope, 'Pin: wait', pollSeconds, pin));

  const watch = step('Watch sessions', sessions, 'watch');
  const answered = steps.untilDone('Wait for sessions', {
    start: send,
    check: step('Wait for sessions: check', command, 'checkSessionSlice'),
    verdictPath,
  });
  answered.goOn(watch);
  watch.next(new sfn.Choice(scope, 'Sessions gone?').when(verdictIs(verdictPath, 'DONE'), unpin).otherwise(send));
  const unpinned = steps.untilDone('Unpin', { check: unpin, verdictPath, pollSeconds });
  return [look, { start: pin, goOn: unpinned.goOn }];
}

/** The steps after a failure: a pinned server goes back into service with its sessions, and the drain rule takes none. */
export function releasePinned(
  scope: Construct,
  props: Pick<SessionDrainProps, 'steps' | 'sessions' | 'pollSeconds'> & { readonly held: object },
): Stretch {
  const path = '$.pinned';
  const pollSeconds = Math.min(props.pollSeconds, LONGEST_LOOK_SECONDS);
  const begin = new sfn.Pass(scope, 'Begin releasing', {
    result: sfn.Result.fromObject({ verdict: 'WAIT', release: NOT_RELEASED }),
    resultPath: path,
  });
  const data = { ...props.held, release: sfn.JsonPath.objectAt(`${path}.release`) };
  const check = props.steps.call('Release pinned', props.sessions, 'releasePinned', data, path);
  begin.next(check);
  const released = props.steps.untilDone('Release pinned', { check, verdictPath: `${path}.verdict`, pollSeconds });
  return { start: begin, goOn: released.goOn };
}
