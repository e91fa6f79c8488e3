import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AwsError } from '#local-aws/service/service.ts';
import type { SendTyped } from '../dynamodb/document-calls.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Random } from '../kernel/random.ts';
import type { ServiceName } from './call.ts';
import { currentSeam, type Seam } from './current-seam.ts';
import { sendDocument } from './documents.ts';
import { newQuota, nextRetry, type RetryQuota, refund } from './retry-model.ts';
import { type ErrorNames, sdkError } from './sdk-errors.ts';

interface Client {
  readonly config: ErrorNames & {
    readonly defaultSigningName: string;
    readonly maxAttempts: () => Promise<number>;
    readonly requestHandler: { readonly configProvider?: Promise<HandlerConfig> };
  };
}

interface HandlerConfig {
  readonly connectionTimeout?: number;
  readonly requestTimeout?: number;
  readonly throwOnRequestTimeout?: boolean;
}

interface Command {
  readonly input: object;
  readonly constructor: { readonly name: string };
}

/** What a client was created with. */
interface Settings {
  readonly service: ServiceName;
  readonly maxAttempts: number;
  readonly limitMs: number;
  readonly connectMs: number;
  readonly quota: RetryQuota;
}

/** Signing names that services of the simulation do not have. */
const SERVICES: Readonly<Record<string, ServiceName>> = { monitoring: 'cloudwatch' };

const settingsOf = new WeakMap<Client, Settings>();

/** Connects every client of the SDK with the simulated services until the returned function is called. */
export function replaceSend(kernel: Kernel): () => void {
  const prototype = sendPrototype();
  const before = prototype.send;
  const backOffs = kernel.random('back-off of the SDK');
  prototype.send = function (this: Client, command: Command, ...rest: unknown[]) {
    // A paginator hands on its further arguments, which are none.
    if (rest.some((one) => one !== undefined)) throw new Error('the simulated send takes a command only, neither options nor a callback');
    const sendTyped = (operation: string, input: object) => send(this, operation, input, currentSeam(), backOffs);
    const { name } = command.constructor;
    if (this instanceof DynamoDBDocumentClient) return sendDocument(sendTyped as SendTyped, name, command.input);
    return sendTyped(name.replace(/Command$/, ''), command.input);
  };
  return () => {
    prototype.send = before;
  };
}

async function send(client: Client, operation: string, input: object, seam: Seam, backOffs: Random): Promise<object> {
  const settings = settingsOf.get(client) ?? (await readSettings(client));
  const { service, maxAttempts, limitMs, connectMs, quota } = settings;
  const begun = seam.begin(service, operation, input);
  if (begun === undefined) return new Promise(() => {});
  let costs: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const output = await seam.attempt({ call: begun.call, attempt, limitMs, connectMs });
      refund(quota, costs);
      return output;
    } catch (failure) {
      const error = failure instanceof AwsError ? sdkError(failure, client.config) : (failure as Error);
      const retry = nextRetry(error, attempt, maxAttempts, quota);
      if (retry === undefined) throw error;
      costs = retry.costs;
      quota.tokens -= costs;
      await pause(seam.kernel, backOffs.fraction() * retry.upToMs, () => begun.call.invocation.ended);
    }
  }
}

/** Never returns for an invocation that has ended meanwhile. */
function pause(kernel: Kernel, ms: number, hasEnded: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    kernel.after(Math.floor(ms), () => {
      if (!hasEnded()) resolve();
    });
  });
}

async function readSettings(client: Client): Promise<Settings> {
  const { defaultSigningName, maxAttempts, requestHandler } = client.config;
  const { connectionTimeout, requestTimeout, throwOnRequestTimeout } = (await requestHandler.configProvider) ?? {};
  if (!connectionTimeout || !requestTimeout || !throwOnRequestTimeout)
    throw new Error(`a client of ${defaultSigningName} has no time limit: create it with CLIENT_OPTIONS`);
  const settings: Settings = {
    service: SERVICES[defaultSigningName] ?? (defaultSigningName as ServiceName),
    maxAttempts: await maxAttempts(),
    limitMs: requestTimeout,
    connectMs: connectionTimeout,
    quota: newQuota(),
  };
  settingsOf.set(client, settings);
  return settings;
}

/** The prototype that every client of the SDK inherits `send` from. */
function sendPrototype(): { send: unknown } {
  let prototype: object = SSMClient.prototype;
  while (!Object.hasOwn(prototype, 'send')) prototype = Object.getPrototypeOf(prototype) as object;
  return prototype as { send: unknown };
}
