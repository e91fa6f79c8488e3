import { HoldfastError, TransientServiceError } from '../errors.ts';
import { type CallerProof, IDENTITY_BODY, identityHeaders } from './caller-proof.ts';

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
