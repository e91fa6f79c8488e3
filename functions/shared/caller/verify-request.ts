/** Requests of people and pipelines that change something: each states what it is for, and proves who calls. */
import { type Environment, optional, required } from '../environment.ts';
import { describeError } from '../errors.ts';
import type { LOG_EVENTS, Log } from '../log-events.ts';
import * as z from '../schema.ts';
import { type CallerProof, callerProof, stsUrl, whyUnusable } from './caller-proof.ts';
import { callerResolver, type ResolveCaller, UnknownCaller } from './resolve-caller.ts';

export interface IdentifyPorts {
  readonly resolveCaller: ResolveCaller;
  readonly region: string;
  readonly now: () => number;
}

export interface VerifyPorts extends IdentifyPorts {
  readonly log: Log;
  readonly installation: string;
  /** The function's; undefined for one that all fleets of the installation share. */
  readonly fleet?: string;
}

interface Stated {
  /** The installation that the statement is meant for. Every other one refuses it. */
  readonly installation: string;
  readonly fleet?: string;
}

/** What a function accepts. */
export interface SignedCommand<Statement extends Stated> {
  readonly statement: { parse(value: unknown): Statement };
  /** The most characters of a statement. @default 2,048 */
  readonly mostCharacters?: number;
  /** What a refusal has left as it was: `Nothing was published.` */
  readonly unchanged: string;
  /** What to use in place of a request that is not valid, as a sentence. */
  readonly instead: string;
  readonly refused: (typeof LOG_EVENTS)[keyof typeof LOG_EVENTS];
  /** What the log has of a refused statement. */
  readonly logged: (statement: Statement) => Readonly<Record<string, string>>;
}

export interface RequestRefusal {
  readonly outcome: 'refused';
  readonly error: 'InvalidRequest' | 'UnknownCaller';
  /** Complete sentences. */
  readonly message: string;
}

/**
 * The statement of a request and the ARN of its caller; or why it is refused. It is verified before anything is read or written.
 * @param account the function's own: an identity of another account changes nothing here
 */
export async function verifyRequest<Statement extends Stated>(
  ports: VerifyPorts,
  account: string,
  input: unknown,
  command: SignedCommand<Statement>,
): Promise<{ readonly statement: Statement; readonly arn: string } | RequestRefusal> {
  const { unchanged, instead } = command;
  const request = z.strictObject({ statement: z.text(0, command.mostCharacters ?? 2_048), proof: callerProof }).safeParse(input);
  if (!request.success) return refuse('InvalidRequest', `The request is not valid. ${unchanged} ${instead}`);
  const statement = readStatement(command.statement, request.data.statement);
  if (!statement) return refuse('InvalidRequest', `The statement is not valid. ${unchanged} ${instead}`);
  const { installation, fleet } = ports;
  if (statement.installation !== installation || statement.fleet !== fleet) {
    const [meant, own] =
      fleet === undefined ? [`installation ${statement.installation}`, installation] : [placeOf(statement), placeOf(ports)];
    return refuse('InvalidRequest', `The statement is for ${meant}, and this is ${own}. ${unchanged}`);
  }
  const caller = await identifyCaller(ports, account, request.data.proof, request.data.statement);
  if ('arn' in caller) return { statement, arn: caller.arn };
  ports.log.warn(command.refused, { ...command.logged(statement), error: caller.refusal });
  return refuse(
    'UnknownCaller',
    `The caller could not be verified: ${caller.refusal}. ${unchanged} Check the clock of your machine, sign in again, then try again.`,
  );
}

const placeOf = ({ installation, fleet }: Stated): string => `fleet ${fleet} of installation ${installation}`;

function readStatement<Statement>(schema: { parse(value: unknown): Statement }, text: string): Statement | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const refuse = (error: RequestRefusal['error'], message: string): RequestRefusal => ({ outcome: 'refused', error, message });

async function identifyCaller(
  { resolveCaller, region, now }: IdentifyPorts,
  account: string,
  proof: CallerProof,
  statement: string,
): Promise<{ readonly arn: string } | { readonly refusal: string }> {
  const unusable = whyUnusable(proof, region, now());
  if (unusable !== undefined) return { refusal: unusable };
  try {
    const caller = await resolveCaller(proof, statement);
    return caller.account === account ? caller : { refusal: `it is an identity of account ${caller.account}, not ${account}` };
  } catch (error) {
    if (error instanceof UnknownCaller) return { refusal: error.message };
    return { refusal: describeError(error) };
  }
}

/** @throws MissingEnvironment */
export function identifyPortsFrom(environment: Environment): IdentifyPorts {
  const region = required(environment, 'AWS_REGION');
  const endpoint = optional(environment, 'AWS_ENDPOINT_URL_STS') ?? optional(environment, 'AWS_ENDPOINT_URL');
  return { resolveCaller: callerResolver(stsUrl(region, endpoint)), region, now: Date.now };
}
