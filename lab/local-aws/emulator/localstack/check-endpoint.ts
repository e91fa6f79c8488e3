/** Whether what the user names by `--emulator-endpoint` is a LocalStack that can be used. It learns no secret before it has proved to know it. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ENDPOINT_TOKEN } from './endpoint-token.ts';

const CALL_TIMEOUT_MS = 10_000;
/** No answer here is longer than a page. */
const LONGEST_ANSWER = 100_000;
/** The release that the extension is written for, and the first that needs a token. */
const RELEASE = '4.14.0';
const FIRST_WITH_TOKEN = 2026;
const START = 'start it as ops/localstack/docker-compose.yml does';

export interface OwnEndpoint {
  readonly url: string;
  readonly token: string;
  /** The address of this run's gateway. */
  readonly gatewayUrl: string;
}

/** @returns a sentence when it cannot be used, with what to do */
export async function whyNotUsable(endpoint: OwnEndpoint): Promise<string | undefined> {
  const challenge = randomBytes(16).toString('hex');
  const health = await get(`${endpoint.url}/_localstack/health`);
  if (typeof health === 'string')
    return (
      `Nothing answers at ${endpoint.url} (${health}): start LocalStack there, or omit --emulator-endpoint; ` +
      'a release after 4.14.0 ends at once without LOCALSTACK_AUTH_TOKEN, as its log says.'
    );
  const described = await get(`${endpoint.url}/_holdfast/extension?challenge=${challenge}`);
  const proof = typeof described === 'string' ? undefined : described.json;
  if (typeof proof?.['proof'] !== 'string') return withoutExtension(endpoint.url, health);
  if (!isProof(proof['proof'], endpoint.token, challenge))
    return `The LocalStack at ${endpoint.url} was started with another ${ENDPOINT_TOKEN}: give both the same one, and start LocalStack again.`;
  if (proof['gateway'] !== endpoint.gatewayUrl)
    return `The LocalStack at ${endpoint.url} calls the gateway at ${proof['gateway']}, and this run's is ${endpoint.gatewayUrl}: give --gateway-port the port that LocalStack was started with.`;
  const missing = proof['missing'];
  if (Array.isArray(missing) && missing.length > 0)
    return `The LocalStack at ${endpoint.url} cannot read ${missing.join(' and ')}: mount this checkout at its own path, as ops/localstack/docker-compose.yml does.`;
  return undefined;
}

function withoutExtension(url: string, { status, json }: Answer): string {
  const release = json?.['version'];
  if (status !== 200 || typeof json?.['services'] !== 'object' || typeof release !== 'string')
    return `What answers at ${url} is not LocalStack (HTTP ${status}): check the port, or omit --emulator-endpoint.`;
  if (Number.parseInt(release, 10) >= FIRST_WITH_TOKEN)
    return (
      `LocalStack ${release} at ${url} does not have Holdfast's extension, which is written for ${RELEASE}: ${START}, ` +
      'with LOCALSTACK_AUTH_TOKEN, which a release after that needs.'
    );
  return `LocalStack ${release} at ${url} does not have Holdfast's extension, without which it runs no functions and has no load balancers: ${START}.`;
}

function isProof(given: string, token: string, challenge: string): boolean {
  const expected = createHmac('sha256', token).update(`extension ${challenge}`).digest('hex');
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** @returns why there is no answer */
async function get(url: string): Promise<Answer | string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS), redirect: 'manual' });
    return { status: response.status, json: parse(await limited(response)) };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    return name === 'TimeoutError' ? `no answer within ${CALL_TIMEOUT_MS / 1000} s` : (cause?.code ?? cause?.message ?? message);
  }
}

async function limited(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    text += decoder.decode(part as Uint8Array, { stream: true });
    if (text.length > LONGEST_ANSWER) return '';
  }
  return text;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
