import { expect, it } from 'vitest';
import { parseContract } from '../../../cli/releases/read-contract.ts';
import { InvalidRelease } from '../../../cli/releases/release-errors.ts';
import { CONTRACT } from './release-folder.ts';

it('reads a readiness check of a plain page, or on the port of the probes', () => {
  const ready = { path: '/index.html', status: 200, contains: 'Welcome' };
  const withPage = { ...CONTRACT, health: { loadBalancer: '/', status: '200,300-399', ready } };
  expect(parseContract(JSON.stringify(withPage))).toEqual(withPage);
  const withProbe = { ...CONTRACT, statusPort: 8005, health: { loadBalancer: '/', ready: { path: '/health', port: 'STATUS_PORT' } } };
  expect(parseContract(JSON.stringify(withProbe))).toEqual(withProbe);
});

it.each([
  [
    'a readiness check without path',
    { ...CONTRACT, health: { ...CONTRACT.health, ready: { status: 200 } } },
    '"health.ready.path" is missing: it must be a text.',
  ],
  [
    'no readiness check',
    { ...CONTRACT, health: { loadBalancer: '/' } },
    '"health.ready" is missing: it must be a path, or an object with "path".',
  ],
  [
    'a readiness check that is a number',
    { ...CONTRACT, health: { ...CONTRACT.health, ready: 200 } },
    '"health.ready" is 200: it must be a path, or an object with "path".',
  ],
  [
    'a readiness check with an error as its status',
    { ...CONTRACT, health: { ...CONTRACT.health, ready: { path: '/', status: 500 } } },
    '"health.ready.status" is 500: it must be at most 499.',
  ],
  [
    'a readiness check that expects an empty text',
    { ...CONTRACT, health: { ...CONTRACT.health, ready: { path: '/', contains: '' } } },
    '"health.ready.contains" is "": it must not be empty.',
  ],
  [
    'a readiness check on a status port without number',
    { ...CONTRACT, health: { ...CONTRACT.health, ready: { path: '/', port: 'STATUS_PORT' } } },
    'health.ready.port is "STATUS_PORT", but "statusPort" is missing: add it, a port that only probes use.',
  ],
  [
    'an error as a status of the load balancer’s path',
    { ...CONTRACT, health: { ...CONTRACT.health, status: '200-599' } },
    '"health.status" is "200-599": it must be status codes from 200 to 499, such as "200,302" or "200-399".',
  ],
])('refuses %s', (_what, contract, sentence) => {
  expect(() => parseContract(JSON.stringify(contract))).toThrow(InvalidRelease);
  expect(() => parseContract(JSON.stringify(contract))).toThrow(sentence);
});
