/** What the parts of the simulated cloud know of each other. Everything happens at a moment of virtual time. */
import type { FailureCause } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import type { CheckResult } from '#local-aws/elbv2/data-plane/judge-health.ts';
import type { PeopleKind } from '../../../functions/people/contract.ts';
import type { Call } from '../seam/call.ts';
import type { BundleAct } from './bundles.ts';
import type { PlaceOfRequest } from './traffic/places.ts';

/** A user's request on its way to a server. */
export interface UserRequest {
  readonly sessionId: string;
  /** How long the application works on it. */
  readonly durationMs: number;
  /** The user logs out by it. */
  readonly logsOut?: boolean;
  /** Whatever the release is, the user is asked to log in. */
  readonly turnedAway?: boolean;
  /** Called once, when and as it ends. */
  readonly ended: (end: RequestEnd) => void;
}

export type RequestEnd =
  /** `counter`: of the session, as the application read and raised it; absent when it answered with an error. */
  | { readonly kind: 'answered'; readonly status: number; readonly version: string; readonly counter?: number; readonly met?: PeopleKind }
  /** The server refused the connection or reset it: the load balancer answers 502. */
  | { readonly kind: 'broken' }
  /** No answer within the load balancer's idle time-out: 504. */
  | { readonly kind: 'silent' };

/** The machines of the fleet, as the load balancer reaches them. */
export interface Servers {
  checkHealth(instanceId: string): CheckResult;
  serve(instanceId: string, request: UserRequest): void;
  /** False once the machine has stopped. */
  isRunning(instanceId: string): boolean;
  /** A machine that begins to boot, with its user data. */
  launch(instanceId: string): void;
  terminate(instanceId: string): void;
}

/** One target group behind one listener. */
export interface LoadBalancer {
  /** As Auto Scaling does. */
  register(instanceId: string): void;
  deregister(instanceId: string): void;
  /** State by DescribeTargetHealth; `unused` for one that is not registered. */
  stateOf(instanceId: string): string;
  registered(): readonly string[];
}

/** The sessions' store: one counter per session. */
export interface SessionStore {
  /** The counter after this request; undefined when the store does not answer. */
  raise(sessionId: string): number | undefined;
  /** Sessions in memory: the user logs out. */
  end?(sessionId: string): void;
}

/** Executions of state machines. */
export interface Executions {
  /** @throws AwsError ExecutionAlreadyExists; ExecutionLimitExceeded */
  start(machine: string, input: object, name?: string): string;
}

/** A user's request that was answered with 5xx. */
export interface RequestFailure {
  /** The server that the request was sent to; absent when no target could get it. */
  readonly instanceId?: string;
  readonly sessionId: string;
  /** One sentence. */
  readonly why: string;
  /** 500 of the application itself; 502, 503 and 504 of the load balancer. */
  readonly status: number;
  /** The release that answered; absent when the load balancer did. */
  readonly version?: string;
  /** Why the load balancer answered instead of the target. `deregistered`: cut off by the end of the deregistration delay. */
  readonly cause?: FailureCause;
  /** When the request was sent, and how long the application was to work on it. */
  readonly sentAtMs: number;
  readonly durationMs: number;
}

export interface SessionLoss {
  readonly sessionId: string;
  readonly expected: number;
  readonly found: number;
  /** The server in whose memory it was; absent where sessions are in the store. */
  readonly from?: string;
}

/** What a watcher is told, at the moment when it happens. */
export interface Watcher {
  /** A call is about to take effect. */
  readonly before?: (call: Call) => void;
  /** A call took effect. @param output what the service answers */
  readonly effect?: (call: Call, output: object) => void;
  readonly requestFailed?: (failure: RequestFailure) => void;
  /** A user read less from the session than was acknowledged. */
  readonly sessionLost?: (loss: SessionLoss) => void;
  /** The drain rule takes a request of another service. */
  readonly requestTaken?: (place: PlaceOfRequest) => void;
  /** Something happens to the bundle on a server. */
  readonly bundleActed?: (instanceId: string, act: BundleAct) => void;
  /** Auto Scaling terminates an instance. @param reason `unhealthy`, `excess`, `operator`, `abandoned` */
  readonly terminating?: (instanceId: string, reason: string) => void;
  readonly executionEnded?: (end: { readonly machine: string; readonly executionArn: string; readonly status: string }) => void;
  readonly stateEntered?: (entered: { readonly machine: string; readonly state: string; readonly executionArn: string }) => void;
  /** A Catch of a state took this error. */
  readonly caught?: (caught: { readonly machine: string; readonly state: string; readonly error: string }) => void;
  /** A Retry repeats the state's task after this error. */
  readonly retried?: (retried: { readonly machine: string; readonly state: string; readonly error: string }) => void;
}
