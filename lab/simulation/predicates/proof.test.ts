import { expect, test } from 'vitest';
import type { DeployRecord } from '../../../functions/records/types.ts';
import type { Call } from '../seam/call.ts';
import { Proof } from './proof.ts';
import type { View } from './view.ts';

const DEPLOY = { deployId: 'd', version: '2.0.0', settings: { bakeSeconds: 15, bakeMaxErrors: 0 } };
const RECORD = {
  deployId: 'd',
  from: '1.0.0',
  startedAtMs: 0,
  targets: {
    'i-1': {
      fromVersion: '1.0.0',
      phases: [
        { phase: 'registering', startedAtMs: 400_000 },
        { phase: 'baking', startedAtMs: 410_000 },
        { phase: 'done', startedAtMs: 425_000 },
      ],
    },
  },
} as unknown as DeployRecord;

/** What is found when the deploy promotes its release. */
function promotion({
  errorAtMs,
  redSinceMs,
  record = {},
  offersCounts = true,
}: {
  errorAtMs?: number;
  redSinceMs?: number;
  record?: Partial<DeployRecord>;
  offersCounts?: boolean;
}) {
  const found: string[] = [];
  let nowMs = 0;
  const view = {
    now: () => nowMs,
    deploys: () => [{ ...RECORD, ...record }],
    faultOnServer: () => false,
    offersCounts: () => offersCounts,
  } as unknown as View;
  const proof = new Proof(view, (text) => found.push(text));
  const call = (step: string, operation: string, input: object) =>
    ({ operation, input, invocation: { step, payload: { deploy: DEPLOY } } }) as unknown as Call;
  nowMs = errorAtMs ?? 0;
  if (errorAtMs !== undefined) proof.requestFailed({ instanceId: 'i-1', version: '2.0.0', why: '' } as never);
  nowMs = 500_000;
  const alarm = {
    AlarmName: 'errors',
    StateValue: redSinceMs === undefined ? 'OK' : 'ALARM',
    StateTransitionedTimestamp: new Date(redSinceMs ?? 0),
  };
  proof.effect(call('settle', 'DescribeAlarms', {}), { MetricAlarms: [alarm] });
  proof.effect(call('promote', 'UpdateItem', { Key: { sk: { S: 'FLEET' } } }), {});
  return found;
}

test('a release without errors and alarms is promoted', () => {
  expect(promotion({})).toEqual([]);
});

test('a release that answered an error in its bake is not to be promoted; one after the last look is not known', () => {
  expect(promotion({ errorAtMs: 412_000 })).toEqual(['release 2.0.0 is promoted, and i-1 answered 1 errors in its bake']);
  expect(promotion({ errorAtMs: 424_000 })).toEqual([]);
  expect(promotion({ errorAtMs: 412_000, offersCounts: false })).toEqual([]);
});

test('a release is not to be promoted with an alarm that fired during the deploy', () => {
  expect(promotion({ redSinceMs: 450_000 })).toEqual(['release 2.0.0 is promoted, and the alarm errors fired during the deploy']);
  expect(promotion({ redSinceMs: 450_000, record: { alarmsAtStart: { errors: 'ALARM' } } })).toEqual([]);
  expect(promotion({ redSinceMs: 490_000 })).toEqual([]);
});
