import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { AwsServiceError, signedCalls } from '../../../../../functions/shared/aws/signed/signed-calls.ts';

afterEach(() => vi.restoreAllMocks());

/** Waits between the attempts of a call that is answered with the code each time, with the longest draw. */
async function waitsAfter(code: string, status: number): Promise<number[]> {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const waits: number[] = [];
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const call = signedCalls({ service: 'ssm', region: 'eu-west-1', url, credentials }, { maxAttempts: 3, attemptMs: 2_000 }, async (ms) => {
    waits.push(ms);
  });
  const order = { method: 'POST' as const, path: '/', headers: {}, body: '{}' };
  await expect(call(order, () => new AwsServiceError(code, 'no', status))).rejects.toThrow('no');
  server.close();
  return waits;
}

it('waits longer after it was throttled: limits are of a second', async () => {
  expect(await waitsAfter('ThrottlingException', 400)).toEqual([1_000, 2_000]);
  expect(await waitsAfter('InternalServerError', 500)).toEqual([200, 400]);
});
