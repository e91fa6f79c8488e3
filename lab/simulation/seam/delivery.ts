import { ELB_CALL_RATES } from '#local-aws/elbv2/call-rates.ts';
import { limitCalls } from '#local-aws/service/call-rates.ts';
import { AwsError } from '#local-aws/service/service.ts';
import { SSM_CALL_RATES } from '#local-aws/ssm/call-rates.ts';
import type { Watcher } from '../cloud/contracts.ts';
import type { Faults } from '../faults/faults.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Call, Operation, ServiceName, Services } from './call.ts';
import { timeOutError } from './sdk-errors.ts';
import { StaleAnswers } from './stale-answers.ts';

/** One way of a request or of an answer, milliseconds. */
const LEAST_LEG_MS = 3;
const MOST_LEG_MS = 40;

export interface Attempt {
  readonly call: Call;
  /** 1 is the first. */
  readonly attempt: number;
  /** How long the client waits for an answer, milliseconds. */
  readonly limitMs: number;
  /** How long it waits for a connection. @default limitMs */
  readonly connectMs?: number;
}

export interface Network {
  readonly kernel: Kernel;
  readonly services: Services;
  readonly faults: Faults;
  readonly watcher: Watcher;
}

/**
 * Carries requests to the simulated services. The effect is at the end of the request's way; whether the answer arrives is
 * another matter.
 * @returns a function that rejects with AwsError or a time-out, and never settles once the invocation has ended
 */
export function createDelivery({ kernel, services, faults, watcher }: Network): (attempt: Attempt) => Promise<object> {
  const latencies = kernel.random('latency of calls');
  const staleAnswers = new StaleAnswers();
  // One account, with the rates of its local cloud.
  const now = () => kernel.now();
  const throttles: Readonly<Partial<Record<ServiceName, (operation: string) => void>>> = {
    elasticloadbalancing: limitCalls(ELB_CALL_RATES, now),
    ssm: limitCalls(SSM_CALL_RATES, now),
  };
  const leg = () => latencies.whole(LEAST_LEG_MS, MOST_LEG_MS);

  return ({ call, attempt, limitMs, connectMs = limitMs }) => {
    const { invocation } = call;
    const operate = operationOf(services, call);
    if (operate === undefined) {
      kernel.fail(new Error(`the simulation has no ${call.service} ${call.operation}`));
      return new Promise(() => {});
    }
    const fault = faults.call(call, attempt);
    const note = (what: string) => kernel.note('call', `${describeCall(call, attempt)} ${what}`);
    let requestMs = leg();
    let answerMs = leg();
    if (fault?.kind === 'late') {
      requestMs += fault.requestMs;
      answerMs += fault.answerMs;
      faults.took('call.late');
    }
    return new Promise((resolve, reject) => {
      /** @param sinceMs how much of the client's limit has passed */
      const answer = (delayMs: number, sinceMs: number, settle: () => void) => {
        const isInTime = sinceMs + delayMs < limitMs;
        const timeOut = () => reject(timeOutError('answer'));
        kernel.after(isInTime ? delayMs : limitMs - sinceMs, () => {
          if (!invocation.ended) (isInTime ? settle : timeOut)();
        });
      };
      if (fault?.kind === 'requestLost') {
        faults.took('call.requestLost');
        // Either no connection comes about, or the request is lost on one that is open.
        const [ms, what] = latencies.chance(0.5) ? ([connectMs, 'connection'] as const) : ([limitMs, 'answer'] as const);
        note(`was lost: no ${what}`);
        kernel.after(ms, () => {
          if (!invocation.ended) reject(timeOutError(what));
        });
        return;
      }
      if (requestMs >= limitMs) answer(Number.POSITIVE_INFINITY, 0, () => {});
      kernel.after(requestMs, () => {
        if (fault?.kind === 'refused') {
          faults.took('call.refused');
          note(`was refused: ${fault.code}`);
          answer(answerMs, requestMs, () => reject(new AwsError(fault.code, 'refused by a fault of the simulation', fault.status)));
          return;
        }
        let output: object;
        try {
          throttles[call.service]?.(call.operation);
          watcher.before?.(call);
          output = operate(call.input as never) ?? {};
        } catch (error) {
          if (!(error instanceof AwsError)) return kernel.fail(error);
          note(`failed: ${error.code}`);
          answer(answerMs, requestMs, () => reject(error));
          return;
        }
        note('took effect');
        watcher.effect?.(call, output);
        invocation.aroundCall?.(call.number, true);
        staleAnswers.add(call, output, kernel.now());
        const earlier = fault?.kind === 'stale' ? staleAnswers.find(call) : undefined;
        if (earlier !== undefined) {
          faults.took('call.stale');
          output = earlier;
        }
        if (fault?.kind === 'answerLost') {
          faults.took('call.answerLost');
          answerMs = Number.POSITIVE_INFINITY;
        }
        if (requestMs < limitMs) answer(answerMs, requestMs, () => resolve(output));
      });
    });
  };
}

/** What services receive and return is JSON: objects without methods. */
const operationOf = (services: Services, { service, operation }: Call): Operation | undefined => services[service]?.[operation];

function describeCall({ service, operation, input, invocation, number }: Call, attempt: number): string {
  const repeated = attempt === 1 ? '' : ` (attempt ${attempt})`;
  return `${invocation.functionName} ${invocation.step} #${invocation.id}.${number}: ${service} ${operation}${subjectOf(input)}${repeated}`;
}

/** What most inputs are about, in one word. */
function subjectOf(input: unknown): string {
  const { InstanceId, InstanceIds, Targets, Key, name, executionArn } = input as Record<string, unknown>;
  const target = (Targets as readonly { readonly Id?: string }[] | undefined)?.[0]?.Id;
  const key = (Key as { readonly sk?: { readonly S?: string } } | undefined)?.sk?.S;
  const subject = InstanceId ?? (InstanceIds as readonly string[] | undefined)?.[0] ?? target ?? key ?? name ?? executionArn;
  return typeof subject === 'string' ? ` ${subject}` : '';
}
