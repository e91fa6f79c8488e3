import { AutoScalingClient, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeDocumentCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, it, vi } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { CLIENT_OPTIONS } from '../../../functions/shared/aws/client-options.ts';
import { stubHttp } from '../../../test/functions/fakes/stub-http.ts';
import { fakeInvocation } from '../fakes/invocation.ts';
import { type CallFault, NO_FAULTS } from '../faults/faults.ts';
import { EPOCH_MS, Kernel } from '../kernel/kernel.ts';
import type { Services } from './call.ts';
import { connectSeam } from './connect-seam.ts';
import { currentInvocation } from './current-invocation.ts';

/** What one attempt meets. */
type Answer = 'success' | 'time-out' | 'reset' | readonly [code: string, status: number];

interface Ending {
  readonly attempts: number;
  readonly error: string;
  /** As functions classify it. */
  readonly status: number | undefined;
}

const CASES: readonly (readonly [name: string, answers: readonly Answer[], expected: readonly [attempts: number, error: string]])[] = [
  ['a success', ['success'], [1, 'none']],
  ['throttling', [['ThrottlingException', 400]], [3, 'ThrottlingException']],
  ['a 500', [['InternalServerError', 500]], [3, 'InternalServerError']],
  ['a 503', [['ServiceUnavailable', 503]], [3, 'ServiceUnavailable']],
  ['a 429 without a known code', [['TooMany', 429]], [3, 'TooMany']],
  ['a 501', [['NotImplemented', 501]], [1, 'NotImplemented']],
  ['a time-out', ['time-out'], [3, 'TimeoutError']],
  ['a validation error', [['ValidationException', 400]], [1, 'ValidationException']],
  ['a success after two failures', [['ThrottlingException', 400], ['InternalServerError', 500], 'success'], [3, 'none']],
  ['a success after two time-outs', ['time-out', 'time-out', 'success'], [3, 'none']],
  ['a validation error after a time-out', ['time-out', ['ValidationException', 400]], [2, 'ValidationException']],
];

const answerOf = (answers: readonly Answer[], attempt: number): Answer => answers[Math.min(attempt, answers.length) - 1] as Answer;

async function endOf(call: Promise<unknown>, attempts: () => number): Promise<Ending> {
  const error = await call.then(
    () => undefined,
    (failure: unknown) => failure as Error & { readonly $metadata?: { readonly httpStatusCode?: number } },
  );
  return { attempts: attempts(), error: error?.name ?? 'none', status: error?.$metadata?.httpStatusCode };
}

/** A real client, whose request handler answers so. */
async function bySdk(answers: readonly Answer[], asAutoScaling: boolean): Promise<Ending> {
  const { config } = stubHttp();
  const { handle } = config.requestHandler;
  let attempts = 0;
  const requestHandler = {
    async handle(request: Parameters<typeof handle>[0]) {
      attempts += 1;
      const answer = answerOf(answers, attempts);
      if (answer === 'time-out') throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
      if (answer === 'reset') throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      const stub = stubHttp();
      if (answer !== 'success') {
        const [code, status] = answer;
        const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
        stub.answer(asAutoScaling ? xml : JSON.stringify({ __type: code, message: 'no' }), status);
      } else if (asAutoScaling) stub.answer('<SuspendProcessesResponse/>');
      return stub.config.requestHandler.handle(request);
    },
  };
  const options = { ...config, maxAttempts: CLIENT_OPTIONS.maxAttempts, requestHandler };
  const call = asAutoScaling
    ? new AutoScalingClient(options).send(new SuspendProcessesCommand({ AutoScalingGroupName: 'g' }))
    : new SSMClient(options).send(new DescribeDocumentCommand({ Name: 'd' }));
  return endOf(call, () => attempts);
}

/** The model, under virtual time. */
async function byModel(answers: readonly Answer[], asAutoScaling: boolean): Promise<Ending> {
  const kernel = new Kernel(1);
  let attempts = 0;
  const operate = () => {
    const answer = answerOf(answers, attempts);
    if (typeof answer !== 'string') throw new AwsError(answer[0], 'no', answer[1]);
    return {};
  };
  const services: Services = { ssm: { DescribeDocument: operate }, autoscaling: { SuspendProcesses: operate } };
  const call = (_: unknown, attempt: number): CallFault | undefined => {
    attempts = attempt;
    return answerOf(answers, attempt) === 'time-out' ? { kind: attempt % 2 ? 'requestLost' : 'answerLost' } : undefined;
  };
  const restore = connectSeam({ kernel, services, faults: { ...NO_FAULTS, call }, watcher: {} });
  try {
    const ended = currentInvocation.run(fakeInvocation(), () =>
      endOf(
        asAutoScaling
          ? new AutoScalingClient(CLIENT_OPTIONS).send(new SuspendProcessesCommand({ AutoScalingGroupName: 'g' }))
          : new SSMClient(CLIENT_OPTIONS).send(new DescribeDocumentCommand({ Name: 'd' })),
        () => attempts,
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    await kernel.run(EPOCH_MS + 60_000);
    return await ended;
  } finally {
    restore();
  }
}

afterEach(() => void vi.restoreAllMocks());

it.each(CASES)('repeats %s as a real client does', async (_, answers, [attempts, error]) => {
  vi.spyOn(Math, 'random').mockReturnValue(0); // no back-off
  const real = await bySdk(answers, false);
  expect(real).toMatchObject({ attempts, error });
  expect(await byModel(answers, false)).toEqual(real);
});

it.each([
  ['ResourceContention', 500, 'ResourceContentionFault', 3],
  ['ScalingActivityInProgress', 400, 'ScalingActivityInProgressFault', 1],
  ['ValidationError', 400, 'ValidationError', 1],
  ['Throttling', 400, 'Throttling', 3],
] as const)('names %s of a Query service as a real client does', async (code, status, error, attempts) => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const real = await bySdk([[code, status]], true);
  expect(real).toMatchObject({ attempts, error });
  expect(await byModel([[code, status]], true)).toEqual(real);
});

it('repeats a connection that the server resets, which the model has as a time-out', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  expect(await bySdk(['reset'], false)).toMatchObject({ attempts: 3 });
  expect(await byModel(['time-out'], false)).toMatchObject({ attempts: 3 });
});
