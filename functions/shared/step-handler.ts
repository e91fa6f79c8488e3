import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { classifyAwsError } from './aws/classify-aws-error.ts';
import type { Environment } from './environment.ts';
import { describeError, HoldfastError, TransientServiceError } from './errors.ts';
import { LOG_EVENTS, type Log, type LogFields } from './log-events.ts';

/** A state machine's request to a function; `step` names what it has to do. */
export interface StepRequest {
  readonly step: string;
}

/** The identifiers of a request, for its log lines. */
function identify(request: StepRequest): LogFields {
  const { deploy, roll, launch, termination, sweep, run } = request as StepRequest & Partial<Record<string, Record<string, unknown>>>;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    step: request.step,
    deployId: text(deploy?.['deployId']),
    sweepId: text(sweep?.['sweepId']),
    incidentId: text(run?.['incidentId']),
    instanceId: text((roll ?? launch ?? termination)?.['instanceId']),
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

/** A place in a bundle, in a line of a stack trace. */
const PLACE = /(\/[^\s()]+\/index\.js):(\d+):(\d+)/g;

/**
 * A stack trace whose places are in the source files, by the source map next to the bundle: minified code has one line.
 * The map is read here, when an error is unexpected. With `--enable-source-maps` Node would read each function's at its cold start.
 */
function readableStack(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, readMap(file));
    const found = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    // A place in a dependency has no source.
    if (!found || !('originalSource' in found) || !found.originalSource) return place;
    return `${found.originalSource.replace(/^file:\/\/.*?\/(?=functions\/)/, '')}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

/** Undefined without a map: it only explains, and must not hide the error. */
function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
