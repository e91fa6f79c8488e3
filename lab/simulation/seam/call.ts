/** A call of AWS by a function, and the function that makes it. */

export type ServiceName =
  | 'autoscaling'
  | 'cloudwatch'
  | 'dynamodb'
  | 'elasticloadbalancing'
  | 'events'
  | 'secretsmanager'
  | 'sns'
  | 'ssm'
  | 'states';

/**
 * What an operation does at the moment when a request arrives: it changes the cloud and answers, without waiting. Input and
 * output are those of the SDK's commands; of DynamoDB those of its JSON protocol.
 * @throws AwsError (lab/local-aws/service/service.ts) as the service would answer
 */
export type Operation = (input: never) => object;

/** A service's operations by name: `SendCommand`. One that is missing ends the run with its name. */
export type Service = Readonly<Record<string, Operation>>;
/** A service that is missing ends the run like a missing operation. */
export type Services = Readonly<Partial<Record<ServiceName, Service>>>;

/** The state of an execution that invoked a function. */
export interface CallingState {
  /** `deploy`, `rollTarget`, `cleanUp`, `launch`, `terminate`. */
  readonly machine: string;
  readonly state: string;
  readonly executionArn: string;
}

/** One invocation of a function. */
export interface Invocation {
  readonly id: number;
  /** `control`, `assess`, `traffic`, `command`, `scaling`, `storeCheck`, `cleanUp`, `reconcile`, `lifecycle`. */
  readonly functionName: string;
  /** The request's `step`. */
  readonly step: string;
  readonly payload: unknown;
  /** The state that invokes the function; absent where a schedule does. */
  readonly caller?: CallingState;
  /** How far the clock of the function's environment is ahead, in milliseconds. */
  readonly clockSkewMs: number;
  /** Calls that it has begun. */
  calls: number;
  /** Once it has ended, or hangs, its calls that still wait never return. */
  ended: boolean;
  /** Called as each call begins, and again after its effect: a crash or a hang there sets `ended`. */
  readonly aroundCall?: (number: number, after: boolean) => void;
}

export interface Call {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: unknown;
  readonly invocation: Invocation;
  /** 1 is the invocation's first call. */
  readonly number: number;
}
