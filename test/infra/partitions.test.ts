import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXTENDED_CONFIG, REPOSITORY, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create({ ...EXTENDED_CONFIG, region: 'cn-north-1' });
});
afterAll(() => app?.remove());

it('has no ARN of the partition "aws" in the templates of another one', () => {
  const templates = JSON.stringify(app.stackNames.map((name) => app.template(name.replace(/^holdfast-/, '')).toJSON()));
  expect(templates).toMatch(/AWS::Partition/);
  expect(templates.match(/.{60}arn:aws:.{60}/g) ?? []).toEqual([]);
});

it('does not limit the CDK to some partitions', () => {
  const { context } = JSON.parse(readFileSync(path.join(REPOSITORY, 'cdk.json'), 'utf8')) as { context: object };
  expect(context).not.toHaveProperty('@aws-cdk/core:target-partitions');
});
