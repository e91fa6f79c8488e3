/** What a test can make go wrong in the local cloud: where, when and how. Nothing of it reaches templates or functions. */
import { z } from 'zod';

/** `*` is any number of characters; case counts. */
const pattern = z.string().min(1).max(512);
const milliseconds = z.number().int().min(0);

/**
 * Which of the matches the rule applies to, counted from when it was set: the nth alone, the first n, those
 * within a time; all of them without. Several hold together.
 */
const when = z
  .strictObject({
    nth: z.number().int().min(1).optional(),
    first: z.number().int().min(1).optional(),
    forMs: milliseconds.min(1).optional(),
  })
  .default({});

/** A call of an AWS API, of the gateway's own services or of the emulator's. */
const callRule = z.strictObject({
  on: z.literal('call'),
  match: z.strictObject({
    /** Name of the service in the request's signature: `ssm`, `elasticloadbalancing`, `s3`. */
    service: z.string().min(1),
    /** `GetCommandInvocation`, `Describe*`; for S3 `GetObject`, `PutObject`, `HeadObject`, `DeleteObject`. */
    action: pattern.optional(),
    /** The ARN of who calls; a function's is `arn:aws:sts::ACCOUNT:assumed-role/ROLE/FUNCTION`. */
    caller: pattern.optional(),
    /** Fits when it fits the request's path or any text of its input: an id, a name, an ARN. */
    resource: pattern.optional(),
  }),
  when,
  effect: z.discriminatedUnion('kind', [
    /** Refused before anything is done: `ThrottlingException` (ssm), `Throttling` (elasticloadbalancing), … */
    z.strictObject({
      kind: z.literal('error'),
      code: z.string().regex(/^[A-Za-z][A-Za-z0-9.]*$/),
      status: z.number().int().min(400).max(599).default(400),
      message: z.string().max(1_000).default('Rate exceeded'),
    }),
    /** Done and answered, later. */
    z.strictObject({ kind: z.literal('delay'), ms: milliseconds.max(120_000) }),
    /** Done, and the connection breaks before the answer. */
    z.strictObject({ kind: z.literal('loseAnswer') }),
    /** The connection breaks after this share of the answer's body. */
    z.strictObject({ kind: z.literal('breakOff'), share: z.number().gt(0).lt(1).default(0.5) }),
    /** Done twice, as when a client tried again though the first had arrived; the second answer counts. */
    z.strictObject({ kind: z.literal('twice') }),
  ]),
});

/** An event of an AWS service on its way to EventBridge, which delivers at least once and, of these services, at best. */
const eventRule = z.strictObject({
  on: z.literal('event'),
  match: z.strictObject({
    /** `aws.ssm`, `aws.states`, `aws.autoscaling` */
    source: z.string().min(1),
    detailType: pattern.optional(),
    /** Fits when it fits a resource's ARN or any text of the detail. */
    resource: pattern.optional(),
  }),
  when,
  effect: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('drop') }),
    z.strictObject({ kind: z.literal('delay'), ms: milliseconds.max(120_000) }),
    z.strictObject({ kind: z.literal('twice') }),
  ]),
});

/** An invocation of a Lambda function by any caller. */
const invocationRule = z.strictObject({
  on: z.literal('invocation'),
  match: z.strictObject({
    /** The function's name. */
    function: pattern,
    /** Fits when it fits any text of the payload: `deregister` for a step. */
    payload: pattern.optional(),
  }),
  when,
  effect: z.discriminatedUnion('kind', [
    /** Throws an error of this name: instead of its work, or after it. `Lambda.TooManyRequestsException` is one, too. */
    z.strictObject({
      kind: z.literal('throw'),
      error: z.string().regex(/^[A-Za-z][A-Za-z0-9.]*$/),
      message: z.string().max(1_000).default('a fault of this test'),
      afterWork: z.boolean().default(false),
    }),
    /** Time from the start of the handler until its process is killed. */
    z.strictObject({ kind: z.literal('die'), afterMs: milliseconds.max(60_000).default(0) }),
    /** Does its work and then runs into its time limit. */
    z.strictObject({ kind: z.literal('overrun') }),
  ]),
});

/** CloudFormation creates a resource, of a stack that is created or updated. What is only updated does not count. */
const creationRule = z.strictObject({
  on: z.literal('creation'),
  match: z.strictObject({
    /** Name of the stack. */
    stack: pattern.optional(),
    /** `AWS::SQS::Queue`, `Custom::*`. */
    type: pattern.optional(),
    /** The resource's logical id in the template. */
    logicalId: pattern.optional(),
  }),
  when,
  effect: z.discriminatedUnion('kind', [
    /** Refused by the resource's service: nothing was created, and CloudFormation rolls the stack back. */
    z.strictObject({ kind: z.literal('error'), message: z.string().min(1).max(1_000).default('a fault of this test') }),
    /** Created later. */
    z.strictObject({ kind: z.literal('delay'), ms: milliseconds.max(120_000) }),
  ]),
});

/** The SSM agent of an instance answers nothing, and the service has not noticed: it still shows it as Online. */
const agentRule = z.strictObject({
  on: z.literal('agent'),
  match: z.strictObject({ instanceId: pattern }),
  /** Looked at again and again, so that counting means nothing. */
  when: z.strictObject({ forMs: milliseconds.min(1).optional() }).default({}),
  effect: z.strictObject({ kind: z.literal('silence') }),
});

/** How long load balancers go on with the old targets, rules and weights after a change. */
const propagationRule = z.strictObject({
  on: z.literal('propagation'),
  match: z.strictObject({}).default({}),
  when: z.strictObject({ forMs: milliseconds.min(1).optional() }).default({}),
  effect: z.strictObject({ kind: z.literal('lag'), ms: milliseconds.max(120_000) }),
});

/** What dnf meets while it installs a package on an instance. */
const packagesRule = z.strictObject({
  on: z.literal('packages'),
  match: z.strictObject({ instanceId: pattern.optional(), package: pattern.optional() }).default({}),
  when,
  effect: z.discriminatedUnion('kind', [
    /** Another process holds rpm's lock. */
    z.strictObject({ kind: z.literal('lock') }),
    /** No mirror answers. */
    z.strictObject({ kind: z.literal('mirror') }),
    /** No repository has the package. */
    z.strictObject({ kind: z.literal('unknown') }),
    /** The package arrives, later. */
    z.strictObject({ kind: z.literal('slow'), ms: milliseconds.max(1_200_000) }),
  ]),
});

/** How long a new rule of EventBridge matches nothing: "incoming events might not immediately start matching to new rules". */
const newRuleRule = z.strictObject({
  on: z.literal('newRule'),
  match: z.strictObject({ name: pattern.optional() }).default({}),
  when: z.strictObject({ forMs: milliseconds.min(1).optional() }).default({}),
  effect: z.strictObject({ kind: z.literal('lag'), ms: milliseconds.max(120_000) }),
});

/** What a proxy in front of a replication group does: it answers PING and log-ins itself and does not reach the store, or it has no answer to PING alone. */
const storeRule = z.strictObject({
  on: z.literal('store'),
  match: z.strictObject({ group: pattern }),
  when: z.strictObject({ forMs: milliseconds.min(1).optional() }).default({}),
  effect: z.strictObject({ kind: z.enum(['pingOnly', 'noPing']) }),
});

export const faultRule = z.discriminatedUnion('on', [
  callRule,
  eventRule,
  invocationRule,
  creationRule,
  agentRule,
  propagationRule,
  packagesRule,
  newRuleRule,
  storeRule,
]);

export type FaultRule = z.infer<typeof faultRule>;
/** A rule as a test writes it: what has a default can be left out. */
export type FaultInput = z.input<typeof faultRule>;
export type FaultOn<On extends FaultRule['on']> = Extract<FaultRule, { on: On }>;
export type CallEffect = FaultOn<'call'>['effect'];
export type EventEffect = FaultOn<'event'>['effect'];
export type InvocationEffect = FaultOn<'invocation'>['effect'];
export type CreationEffect = FaultOn<'creation'>['effect'];

/** A rule and what became of it. */
export interface FaultReport {
  readonly id: string;
  readonly rule: FaultRule;
  /** Times that something fitted. */
  readonly matched: number;
  /** Number of times that it took effect. With 0 the rule has tested nothing. */
  readonly applied: number;
}
