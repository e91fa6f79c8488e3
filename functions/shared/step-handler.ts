import { classifyAwsError } from './aws/classify-aws-error.ts';
import type { Environment } from './environment.ts';
import { describeError, HoldfastError, TransientServiceError } from './errors.ts';
import { LOG_EVENTS, type Log, type LogFields } from './log-events.ts';
import { readableStack } from './readable-stack.ts';

/** A state machine's request to a function; `step` names what it has to do. */
export interface StepRequest {
  readonly step: string;
}

/** The identifiers of a request, for its log lines. */
function identify(request: StepRequest): LogFields {
  const { deploy, roll, launch, termination, sweep, refresh, server, run } = request as StepRequest &
    Partial<Record<string, Record<string, unknown>>>;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    step: request.step,
    deployId: text(deploy?.['deployId']),
    sweepId: text(sweep?.['sweepId']),
    incidentId: text(run?.['incidentId']),
    refreshId: text(refresh?.['refreshId']),
    instanceId: text((roll ?? launch ?? termination ?? server)?.['instanceId']),
  };
}

/**
 * Makes a Lambda handler from a core: wires it once per execution environment, logs each step, and converts temporary faults
 * into TransientServiceError, the one name that Retry repeats.
 */
export function stepHandler<Request extends StepRequest, Reply>(
  log: Log,
  wire: (environment: Environment) => ((request: Request) => Promise<Reply>) | Promise<(request: Request) => Promise<Reply>>,
): (request: Request) => Promise<Reply> {
  let serve: ((request: Request) => Promise<Reply>) | undefined;
  return async (request) => {
    const startedAtMs = Date.now();
    try {
      serve ??= await wire(process.env);
      const reply = await serve(request);
      log.info(LOG_EVENTS.stepFinished, { ...identify(request), durationMs: Date.now() - startedAtMs });
      return reply;
    } catch (error) {
      log.warn(LOG_EVENTS.stepFailed, { ...identify(request), durationMs: Date.now() - startedAtMs, error: describeError(error) });
      if (classifyAwsError(error) === 'transient') throw new TransientServiceError(error);
      // Lambda logs the trace of what is thrown. An error of Holdfast's own says what happened without one.
      if (error instanceof Error && error.stack && !(error instanceof HoldfastError)) error.stack = readableStack(error.stack);
      throw error;
    }
  };
}
