/** Requests of people and pipelines that change something: each states what it is for, and proves who calls. */
import { type Environment, optional, required } from '../environment.ts';
import { describeError, HoldfastError, TransientServiceError } from '../errors.ts';
import type { LOG_EVENTS, Log } from '../log-events.ts';
import * as z from '../schema.ts';
import { type CallerProof, callerProof, IDENTITY_BODY, identityHeaders, proofFault, stsUrl } from './caller-proof.ts';

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
  const unusable = proofFault(proof, region, now());
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

/**
 * Who decided, without the name of a person: an assumed role without its session's name, which is often an e-mail address. The
 * name of an IAM user stays, but for one that is an address. CloudTrail has the whole identity.
 */
export const identityOf = (arn: string): string =>
  arn.replace(/^(arn:aws[\w-]*:sts::\d{12}:assumed-role\/[^/]+)\/.*$/, '$1').replace(/\/[^/]*@[^/]*$/, '/(address)');

/** STS does not accept the proof. `message` never has what STS said: that quotes the request, with its token. */
export class UnknownCaller extends HoldfastError {
  override readonly name = 'UnknownCaller';
}

export interface Caller {
  readonly account: string;
  readonly arn: string;
}

/** Gives the identity that signed a proof for a statement. */
export type ResolveCaller = (proof: CallerProof, statement: string) => Promise<Caller>;

const MAX_ATTEMPTS = 3;
const TIMEOUT_MS = 5_000;
/** An answer of GetCallerIdentity has some 500 characters. */
const MAX_ANSWER_CHARACTERS = 16_384;

/**
 * Asks STS at `url`, which the function has built itself, in at most 3 attempts of 5 s.
 * @throws UnknownCaller, TransientServiceError from what it returns
 */
export function callerResolver(url: URL): ResolveCaller {
  return async (proof, statement) => {
    // The URL's own: fetch sends it.
    const { host: _, ...headers } = identityHeaders(url.host, statement);
    const request = {
      method: 'POST',
      body: IDENTITY_BODY,
      redirect: 'error',
      headers: {
        ...headers,
        'x-amz-date': proof.date,
        ...(proof.securityToken !== undefined && { 'x-amz-security-token': proof.securityToken }),
        authorization: proof.authorization,
      },
    } as const;
    let reason = '';
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      try {
        const reply = await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
        const text = (await reply.text()).slice(0, MAX_ANSWER_CHARACTERS);
        if (reply.ok) return readCaller(text);
        const code = /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1] ?? `status ${reply.status}`;
        if (reply.status < 500 && reply.status !== 429 && code !== 'Throttling') throw new UnknownCaller(`STS does not accept it: ${code}`);
        reason = code;
      } catch (error) {
        if (error instanceof UnknownCaller) throw error;
        reason = (error as Error).name;
      }
    }
    throw new TransientServiceError(new Error(`STS did not answer in ${MAX_ATTEMPTS} attempts: ${reason}`));
  };
}

function readCaller(text: string): Caller {
  const arn = /<Arn>(arn:[\w+=,.@:/-]{1,2048})<\/Arn>/.exec(text)?.[1];
  const account = /<Account>(\d{12})<\/Account>/.exec(text)?.[1];
  if (arn === undefined || account === undefined) throw new UnknownCaller('STS answered without an identity');
  return { arn, account };
}
