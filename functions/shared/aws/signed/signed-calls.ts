/**
 * Signed calls of AWS without an SDK client, whose code would be half of a function's bundle: a function that is small starts soon.
 * They go through two modules, json-service.ts and send-http.ts, which the simulation replaces, so that it runs the functions as they are.
 */
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, HttpRequest } from '@smithy/types';
import { isThrottling } from '../../errors.ts';
import { type HttpAnswer, sendHttp } from '../../send-http.ts';
import { classifyAwsError } from '../classify-aws-error.ts';
import { Sha256 } from '../sha256.ts';
import type { SignedService } from './service-url.ts';

export interface SignedCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Signing {
  readonly service: SignedService;
  readonly region: string;
  readonly url: URL;
  readonly credentials: AwsCredentialIdentity;
}

export interface Limits {
  readonly maxAttempts: number;
  /** Time limit of one attempt, from connecting to the end of the answer, milliseconds. */
  readonly attemptMs: number;
}

/** The limits of the SDK's clients (CLIENT_OPTIONS): 3 × 12 s plus back-off, below the functions' limit of 60 s. */
export const CALL_LIMITS: Limits = { maxAttempts: 3, attemptMs: 12_000 };

/** The largest answer of the services that are called so is a page of DynamoDB, 1 MB of data. */
const ANSWER = { mostBytes: 16 * 1024 * 1024, whenLonger: 'fail' } as const;

/** Connections stay open between the calls of one execution environment. */
const AGENTS = { plain: new Agent({ keepAlive: true }), tls: new TlsAgent({ keepAlive: true }) };

/** A service refused a call. The name is the service's error code; metadata as the SDK has it. */
export class AwsServiceError extends Error {
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = code;
    this.$metadata = { httpStatusCode: status };
  }
}

/** @param readError makes an error of an answer that is not a success */
export type CallSigned = (call: SignedCall, readError: (answer: HttpAnswer) => AwsServiceError) => Promise<string>;

/** Back-off doubles from here, up to the longest; each wait is a random part of it, so that callers do not return at once together. */
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;
/** A throttled call that comes back soon is throttled again: limits are of a second. */
const FIRST_THROTTLED_BACKOFF_MS = 500;

/**
 * Signs each call with Signature Version 4, sends it, and repeats it after a temporary fault.
 * @throws AwsServiceError with the code of the last attempt, Node's connection errors, or a TimeoutError
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function signedCalls({ service, region, url, credentials }: Signing, limits: Limits, pause = (ms: number) => sleep(ms)): CallSigned {
  // S3's paths are signed as they are sent, those of the others encoded once more.
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, uriEscapePath: service !== 's3' });
  const agent = url.protocol === 'http:' ? AGENTS.plain : AGENTS.tls;
  const attempt = async ({ method, path, headers, body }: SignedCall, readError: (answer: HttpAnswer) => AwsServiceError) => {
    const request: HttpRequest = {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      path,
      query: {},
      headers: { ...headers, host: url.host },
      body,
    };
    const { headers: signed } = (await signer.sign(request)) as HttpRequest;
    const answer = await sendHttp({ method, url, path, headers: signed, body }, { ...ANSWER, timeoutMs: limits.attemptMs, agent });
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw readError(answer);
  };
  return async (call, readError) => {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt(call, readError);
      } catch (error) {
        if (attempts >= limits.maxAttempts || classifyAwsError(error) === 'permanent') throw error;
        const first = isThrottling(error) ? FIRST_THROTTLED_BACKOFF_MS : FIRST_BACKOFF_MS;
        await pause(Math.random() * Math.min(LONGEST_BACKOFF_MS, first * 2 ** attempts));
      }
    }
  };
}

/** One operation of a service with a Query API: its answer as XML. @throws AwsServiceError named by the service's error code */
type CallQuery = (action: string, parameters: Readonly<Record<string, string>>) => Promise<string>;

/** @param version of the API: `2016-11-15` */
export const queryCalls =
  (call: CallSigned, version: string): CallQuery =>
  (Action, parameters) =>
    call(
      {
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: new URLSearchParams({ Action, Version: version, ...parameters }).toString(),
      },
      readXmlError,
    );

/** Fields of the XML that AWS's older services answer with: flat enough to be read without a parser. */

/** The text of the first element of this name, unescaped; undefined where there is none. */
export function fieldOf(xml: string, field: string): string | undefined {
  const text = new RegExp(`<${field}>([^<]*)</${field}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|#39|amp);/g, (_, name: string) => CHARACTERS[name] ?? '');
}

const CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", amp: '&' };

/** The error of a service that answers in XML: S3, SNS, EC2, ElastiCache. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function readXmlError({ status, body }: HttpAnswer): AwsServiceError {
  return new AwsServiceError(
    fieldOf(body, 'Code') ?? `Http${status}`,
    fieldOf(body, 'Message') ?? `the service answered ${status}`,
    status,
  );
}
