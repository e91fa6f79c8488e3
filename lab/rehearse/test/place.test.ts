import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { awsPlace } from '../place.ts';

afterEach(() => vi.unstubAllEnvs());

it('a rehearsal on AWS is not taken for the local cloud: it asks before what costs money', async () => {
  const answer =
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('Content-Type', 'text/xml').end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [name, value] of Object.entries({ AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }))
    vi.stubEnv(name, value);
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-place-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const place = await awsPlace(folder, '/usr/bin', 'eu-west-1');
  expect(place).toMatchObject({ local: false, title: 'AWS, eu-west-1', account: '123456789012' });
  expect(place.env).toMatchObject({ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a' });
  expect(place.env).not.toHaveProperty('AWS_ENDPOINT_URL');
  await place.close();
});
