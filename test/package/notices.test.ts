import { describe, expect, it } from 'vitest';
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
