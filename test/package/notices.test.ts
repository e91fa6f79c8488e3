import { describe, expect, it } from 'vitest';
import { manifestOf } from '../../package/manifest.ts';
import { noticesOf } from '../../package/notices.ts';

describe('the notices of bundled packages', () => {
  it('have the text of each licence, also of a package that comes without one', () => {
    const notices = noticesOf([
      'node_modules/commander/index.js',
      'node_modules/@aws-lambda-powertools/logger/lib/esm/index.js',
      'node_modules/@nodable/entities/src/index.js',
      'node_modules/@aws-sdk/nested-clients/dist-es/index.js',
      'functions/shared/naming.ts',
    ]);
    const entries = notices.split(/^-{80}$/m);
    expect(entries).toHaveLength(4);
    for (const entry of entries) expect(entry).toMatch(/Permission is hereby granted|Apache License, Version 2\.0/);
    expect(notices).toContain('Copyright Amazon Web Services');
    expect(notices).toContain('Amit Gupta');
  });
});

describe('the manifest', () => {
  it('has the peers of the construct and of what applications use, each of them optional', () => {
    const checkout = { name: 'holdfast', version: '1.0.0', license: 'Apache-2.0', description: '', devDependencies: {} };
    const { peerDependencies, peerDependenciesMeta } = manifestOf(checkout, [
      { redis: '^6.0.0' },
      { '@aws-sdk/client-dynamodb': '^3.0.0' },
    ]);
    expect(Object.keys(peerDependencies as object).toSorted()).toEqual(['@aws-sdk/client-dynamodb', 'aws-cdk-lib', 'constructs', 'redis']);
    for (const name of Object.keys(peerDependencies as object)) expect(peerDependenciesMeta).toHaveProperty([name], { optional: true });
  });
});
