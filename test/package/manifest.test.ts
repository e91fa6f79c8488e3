import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { manifestOf } from '../../package/manifest.ts';

const checkout = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Parameters<typeof manifestOf>[0];
type Versions = Readonly<Record<string, string>>;

it('the manifest asks an application for nothing: npm would refuse to install Holdfast next to an older redis', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifestOf(checkout);
  expect(dependencies).toBeUndefined();
  expect(Object.keys(peerDependencies as Versions).toSorted()).toEqual(['aws-cdk-lib', 'constructs']);
  expect(peerDependenciesMeta).toEqual({ 'aws-cdk-lib': { optional: true }, constructs: { optional: true } });
});

it("the construct's range begins with the versions that the checkout is tested with", () => {
  const { peerDependencies } = manifestOf(checkout);
  for (const [name, range] of Object.entries(peerDependencies as Versions)) expect(range).toBe(`^${checkout.devDependencies[name]}`);
});

it.each([
  ['user-sessions', /express-session 1\.19, connect-redis 10,\s+node-redis 6/],
  ['critical-actions', /@aws-sdk\/client-dynamodb`.*`@aws-sdk\/client-secrets-manager` 3/s],
])('the README of session/%s names the versions that it needs', (name, versions) => {
  expect(readFileSync(new URL(`../../session/${name}/README.md`, import.meta.url), 'utf8')).toMatch(versions);
});
