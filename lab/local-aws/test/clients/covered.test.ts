/**
 * What {@link ./clients.full.test.ts} goes through has to be everything that is used. This reads the texts, so that `npm test` notices
 * what is missing there without carrying it out.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readSetup } from '../../../../setup/read-setup.mjs';
import { commandsOfPages, operationsOfCode, operationsOfCommands } from './used-operations.ts';

const AWS = path.resolve(import.meta.dirname, '../..');

const textsOf = (folder: string, files: string): string[] =>
  globSync(files, { cwd: folder }).map((file) => readFileSync(path.join(folder, file), 'utf8'));

/** What boto3 and the AWS CLI go through. */
const parts = textsOf(import.meta.dirname, '*.py').join('\n');

it('boto3 calls every operation that the code, the pages and printed commands use', () => {
  const used = [...operationsOfCode(), ...operationsOfCommands()];
  expect(used).toEqual(expect.arrayContaining(['elbv2.DescribeRules', 'ssm.ListCommandInvocations', 'elasticache.ModifyUserGroup']));
  // As boto3 and as the AWS CLI have it.
  const words = (operation: string) =>
    operation
      .split('.')[1]
      ?.replaceAll(/(?!^)(?=[A-Z])/g, '-')
      .toLowerCase() ?? '';
  const called = new Set(parts.replaceAll('_', '-').match(/[a-z0-9]+(?:-[a-z0-9]+)+/g));
  expect(used.filter((operation) => !called.has(words(operation)))).toEqual([]);
});

it('the AWS CLI carries out every command of these services that pages and programs print', () => {
  const commands = [...commandsOfPages()];
  expect(commands).toEqual(expect.arrayContaining(['autoscaling.resume-processes', 'elasticache.modify-user']));
  const carriedOut = [...parts.matchAll(/"([a-z0-9]+) ([a-z0-9]+(?:-[a-z0-9]+)+)/g)].map(([, service, command]) => `${service}.${command}`);
  expect(commands.filter((command) => !carriedOut.includes(command))).toEqual([]);
});

/** Errors of every service, also of those that no test provokes. */
const COMMON = new Set([
  ...['ValidationError', 'ValidationException', 'InvalidParameterValue', 'InvalidParameterCombination', 'MissingParameter'],
  ...['AccessDenied', 'InternalFailure', 'Throttling'],
  // CloudFormation's, of a resource that it waits for.
  'NotStabilized',
]);

interface Model {
  readonly shapes: Readonly<Record<string, { readonly exception?: boolean; readonly error?: { readonly code?: string } }>>;
}

/** The error codes of a service's model, in the copy of botocore that MiniStack brings. */
function codesOfModel(service: string): ReadonlySet<string> {
  const venv = path.resolve(path.dirname(readSetup().python), '..');
  const [file = ''] = globSync(`lib/python3*/site-packages/botocore/data/${service}/*/service-2.json.gz`, { cwd: venv }).sort().reverse();
  const { shapes } = JSON.parse(gunzipSync(readFileSync(path.join(venv, file))).toString()) as Model;
  const errors = Object.entries(shapes).filter(([, { exception }]) => exception);
  return new Set(errors.map(([name, { error }]) => error?.code ?? name));
}

it.each([
  ['elbv2', 'elbv2'],
  ['elasticache', 'elasticache'],
  ['ssm', 'ssm'],
  ['auto-scaling', 'autoscaling'],
  ['cloudwatch', 'cloudwatch'],
])('every error code in lab/local-aws/%s is one of the model’s', (source, service) => {
  const thrown = textsOf(path.join(AWS, source), '**/*.ts').flatMap((text) => [...text.matchAll(/AwsError\(\s*'([A-Za-z.]+)'/g)]);
  const codes = thrown.map(([, code = '']) => code);
  expect(codes.length).toBeGreaterThan(5);
  const modelled = codesOfModel(service);
  expect(codes.filter((code) => !COMMON.has(code) && !modelled.has(code))).toEqual([]);
});

it('LocalStack’s extension knows every resource type of the gateway', () => {
  const dist = path.join(AWS, 'emulator/localstack/extension/holdfast_localstack-1.0.0.dist-info');
  const listed = readFileSync(path.join(dist, 'entry_points.txt'), 'utf8').matchAll(/gateway_resources:(\w+)$/gm);
  const services = globSync('**/*.ts', { cwd: AWS, exclude: (file) => /^(emulator|test)/.test(file) });
  const owned = services.flatMap((file) => [...readFileSync(path.join(AWS, file), 'utf8').matchAll(/^ +'(AWS::\w+::\w+)': /gm)]);
  expect([...listed].map(([, name]) => name?.replaceAll('__', '::')).sort()).toEqual(owned.map(([, type]) => type).sort());
});
