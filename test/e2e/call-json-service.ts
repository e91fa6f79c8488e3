/** One call of a JSON service that the tests have no client of. */
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { kept } from './fleet.ts';

const TIMEOUT_MS = 10_000;

/**
 * @param target `Logs_20140328.DescribeLogGroups`
 * @throws Error with the answer's status and text
 */
export async function callJsonService<T>(service: string, target: string, body: object): Promise<T> {
  const { hostname, port, host } = new URL(kept.gatewayUrl);
  const type = 'application/x-amz-json-1.1';
  const request = {
    ...{ method: 'POST', protocol: 'http:', hostname, port: Number(port), path: '/', query: {} },
    headers: { host, 'content-type': type, 'x-amz-target': target },
    body: JSON.stringify(body),
  };
  const signer = new SignatureV4({ service, region: kept.region, credentials: kept.credentials, sha256: Sha256 });
  const { headers } = await signer.sign(request);
  const reply = await fetch(kept.gatewayUrl, { method: 'POST', headers, body: request.body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!reply.ok) throw new Error(`${target}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}
