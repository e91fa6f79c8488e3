/** EventBridge Scheduler, whose client is not among the dependencies, by signed requests. */
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { kept } from './fleet.ts';

/** @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html */
export async function callScheduler(method: string, path: string, input: object): Promise<unknown> {
  const url = new URL(path, kept.gatewayUrl);
  const body = JSON.stringify({ ...input, ClientToken: 'test' });
  const signer = new SignatureV4({ service: 'scheduler', region: kept.region, credentials: kept.credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path,
    query: {},
    headers: { host: url.host, 'content-type': 'application/json' },
    body,
  });
  const reply = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(60_000) });
  if (!reply.ok) throw new Error(`Scheduler answered ${reply.status}: ${await reply.text()}`);
  return reply.json();
}
