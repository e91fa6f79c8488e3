/**
 * The account's default bus: the rules of an installation, whose targets are state machines. Delivery is at least once at best, takes
 * a moment, and is tried again when the start is refused, then the event is a dead letter.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
import { AwsError } from '#local-aws/service/service.ts';
import type { Faults } from '../faults/faults.ts';
import type { EventRule } from '../installation/installation.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { uuid } from '../kernel/random-ids.ts';
import type { Operation } from '../seam/call.ts';
import type { Executions } from './contracts.ts';
import { checkTransformer, inputFor } from './event-input.ts';
import { checkPattern, type EventPattern, matchesPattern } from './event-pattern.ts';

/** An event as its service sends it. */
export interface BusEvent {
  /** `aws.autoscaling`, `aws.states`. */
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: object;
}

type Rule = EventRule & { readonly name: string };

export interface EventBridgeOptions {
  readonly kernel: Kernel;
  readonly faults: Pick<Faults, 'event' | 'took'>;
  /** By the names that faults are asked by: `deployEnded`, `launching`, `terminating`. */
  readonly rules: Readonly<Record<string, EventRule>>;
  readonly executions: Executions;
  readonly region?: string;
  readonly accountId?: string;
}

/** An event that no machine was started for. */
export interface DeadLetter {
  readonly rule: string;
  readonly input: object;
  readonly error: string;
}

export interface EventBridge {
  readonly service: { readonly PutEvents: Operation };
  put(event: BusEvent): void;
  /** What `PutEvents` was called with, in order. */
  readonly ownEvents: readonly BusEvent[];
  readonly deadLetters: readonly DeadLetter[];
}

const DELIVERY_MS = { least: 100, most: 3_000 };
const SECOND_DELIVERY_MS = 60_000;
/** The first and the longest wait between two attempts. EventBridge does not publish them: both are guesses. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** @throws Error for a pattern or transformer that the simulation lacks */
export function createEventBridge(options: EventBridgeOptions): EventBridge {
  const { kernel, faults, executions, region = 'us-east-1', accountId = '111111111111' } = options;
  const random = kernel.random('event bridge');
  const rules = Object.entries(options.rules).map(([name, rule]) => {
    checkPattern(rule.pattern, `the pattern of ${name}`);
    if (rule.inputTransformer) checkTransformer(rule.inputTransformer);
    return { rule: { ...rule, name }, pattern: rule.pattern as EventPattern };
  });
  const ownEvents: BusEvent[] = [];
  const deadLetters: DeadLetter[] = [];

  const put = ({ source, detailType, resources, detail }: BusEvent): void => {
    const event = {
      version: '0',
      id: uuid(random),
      'detail-type': detailType,
      source,
      account: accountId,
      time: new Date(kernel.now()).toISOString().replace(/\.\d+/, ''),
      region,
      resources,
      detail,
    };
    for (const { rule, pattern } of rules) {
      if (matchesPattern(pattern, event)) send(rule, inputFor(event, rule.inputTransformer));
    }
  };

  const send = (rule: Rule, input: object): void => {
    const fault = faults.event(rule.name);
    if (fault) faults.took(`event.${fault.kind}`);
    if (fault?.kind === 'lost') return;
    const refusedUntilMs = fault?.kind === 'refused' ? kernel.now() + fault.ms : 0;
    const delayMs = random.whole(DELIVERY_MS.least, DELIVERY_MS.most) + (fault?.kind === 'late' ? fault.ms : 0);
    kernel.after(delayMs, () => deliver(rule, input, refusedUntilMs));
    if (fault?.kind === 'twice') kernel.after(delayMs + random.whole(0, SECOND_DELIVERY_MS), () => deliver(rule, input, refusedUntilMs));
  };

  const deliver = (rule: Rule, input: object, refusedUntilMs: number, attempt = 0, sinceMs = kernel.now()): void => {
    try {
      if (kernel.now() < refusedUntilMs) throw new AwsError('ThrottlingException', 'refused by a fault of the simulation');
      // Without a name, so that a second delivery is a second execution.
      const arn = executions.start(rule.machine, input);
      kernel.note('event', `${rule.name} starts ${arn}`);
    } catch (error) {
      // Anything else is a fault of the simulation.
      if (!(error instanceof AwsError)) throw error;
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** attempt, LONGEST_RETRY_MS) * (0.5 + random.fraction() / 2);
      const isOver = attempt >= rule.retryAttempts || kernel.now() + waitMs - sinceMs > rule.maxEventAgeSeconds * 1000;
      kernel.note('event', `${rule.name} is refused: ${error.code}${isOver ? ', for good' : ''}`);
      if (!isOver) kernel.after(waitMs, () => deliver(rule, input, refusedUntilMs, attempt + 1, sinceMs));
      else deadLetters.push({ rule: rule.name, input, error: error.code });
    }
  };

  return { service: { PutEvents: putEvents(put, ownEvents, () => uuid(random)) }, put, ownEvents, deadLetters };
}

interface PutEventsInput {
  readonly Entries: readonly {
    readonly Source?: string;
    readonly DetailType?: string;
    readonly Detail?: string;
    readonly Resources?: readonly string[];
  }[];
}

/** An entry without a source, a type or JSON as its detail fails by itself, and the call succeeds. */
function putEvents(put: (event: BusEvent) => void, ownEvents: BusEvent[], newId: () => string): Operation {
  return ({ Entries }: PutEventsInput) => {
    const results = Entries.map(({ Source, DetailType, Detail, Resources = [], ...rest }) => {
      const [unknown] = Object.keys(rest);
      if (unknown !== undefined) throw new Error(`the simulated EventBridge lacks an entry's ${unknown}`);
      const detail = Detail === undefined ? undefined : parsed(Detail);
      if (!Source || !DetailType) return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Source and DetailType are required.' };
      if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
      const event = { source: Source, detailType: DetailType, resources: Resources, detail };
      ownEvents.push(event);
      put(event);
      return { EventId: newId() };
    });
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  };
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
