/** The internal requests about faults: those of the cloud's owner, and the emulator's queries. */
import { z } from 'zod';
import { AwsError } from '../service/service.ts';
import { type FaultRegistry, textsOf } from './fault-registry.ts';
import { faultRule } from './fault-rule.ts';

export interface FaultEndpoints {
  /** True for requests that take the owner's token: they set faults. The others take the emulator's. */
  isOwners(path: string): boolean;
  has(path: string): boolean;
  /** @throws AwsError ValidationError, ZodError for a rule that is none */
  answer(path: string, body: unknown): object;
  /** What the owner has to show; the emulator's must not do, or a function that learnt it could set faults. */
  readonly token: string;
}

/** ElastiCache keeps events for 14 days. */
const LONGEST_MS = 14 * 24 * 3_600_000;

const named = z.strictObject({ id: z.string() });
const nothing = z.strictObject({});
const dated = z.strictObject({ byMs: z.number().int().min(1).max(LONGEST_MS) });
const event = z.object({
  source: z.string(),
  detailType: z.string(),
  resources: z.array(z.string()).default([]),
  detail: z.unknown(),
});
/** A call that the emulator makes for a state machine, which the gateway does not see. */
const call = z.object({ service: z.string(), action: z.string(), caller: z.string(), texts: z.array(z.string()) });
const creation = z.object({ stack: z.string(), type: z.string(), logicalId: z.string() });
const newRule = z.object({ name: z.string(), ageMs: z.number() });
const invocation = z.object({ function: z.string(), payload: z.unknown() });

export interface FaultOptions {
  /** The owner's: in cloud.json, which only the user who started the cloud can read. */
  readonly token: string;
  /** How long a new rule of EventBridge matches nothing, unless a fault sets another time. @default 0 */
  readonly newRuleLagMs?: number;
  /** Replaces metrics of a time that is over. @default refused */
  readonly plantMetrics?: (body: unknown) => object;
  /** Makes ElastiCache's events older. @default refused */
  readonly dateEventsBack?: (byMs: number) => void;
  /** Forgets the load balancer's requests of the minute that runs. @default refused */
  readonly forgetRequests?: () => void;
}

export function faultEndpoints(faults: FaultRegistry, options: FaultOptions): FaultEndpoints {
  const { token, newRuleLagMs = 0, plantMetrics = refuse, dateEventsBack = refuse, forgetRequests = refuse } = options;
  const owners: Readonly<Record<string, (body: unknown) => object>> = {
    'faults/set': (body) => ({ id: faults.add(faultRule.parse(body)) }),
    'faults/remove': (body) => {
      const { id } = named.parse(body);
      const report = faults.remove(id);
      if (!report) throw new AwsError('NotFound', `no fault ${id} is set`);
      return report;
    },
    'faults/list': (body) => ({ faults: nothing.parse(body) && faults.list() }),
    'faults/reset': (body) => ({ faults: nothing.parse(body) && faults.reset() }),
    'faults/plant-metrics': plantMetrics,
    'faults/date-events-back': (body) => {
      dateEventsBack(dated.parse(body).byMs);
      return {};
    },
    'faults/forget-requests': (body) => {
      nothing.parse(body);
      forgetRequests();
      return {};
    },
  };
  const emulators: Readonly<Record<string, (body: unknown) => object>> = {
    'faults/of-event': (body) => {
      const { source, detailType, resources, detail } = event.parse(body);
      return { effect: faults.ofEvent({ source, detailType, texts: [...resources, ...textsOf(detail)] }) };
    },
    'faults/of-new-rule': (body) => {
      const { name, ageMs } = newRule.parse(body);
      return { effect: ageMs < (faults.newRuleLagMs(name) ?? newRuleLagMs) ? { kind: 'drop' } : undefined };
    },
    'faults/of-call': (body) => ({ effect: faults.ofCall(call.parse(body)) }),
    'faults/concern-creations': (body) => ({ some: nothing.parse(body) && faults.concernsCreations() }),
    'faults/of-creation': (body) => ({ effect: faults.ofCreation(creation.parse(body)) }),
    'faults/of-invocation': (body) => {
      const request = invocation.parse(body);
      return { effect: faults.ofInvocation({ function: request.function, texts: textsOf(request.payload) }) };
    },
  };
  const all = { ...owners, ...emulators };
  return {
    token,
    isOwners: (path) => Object.hasOwn(owners, path),
    has: (path) => Object.hasOwn(all, path),
    answer(path, body) {
      const answer = Object.hasOwn(all, path) ? all[path] : undefined;
      if (!answer) throw new AwsError('NotFound', `nothing is at ${path}`);
      return answer(body);
    },
  };
}

function refuse(): never {
  throw new AwsError('NotFound', 'this cloud has no such service of its own: nothing was changed');
}
