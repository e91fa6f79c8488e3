import { describe, expect, it } from 'vitest';
import { parseContract } from '../../../cli/releases/read-contract.ts';

const withProbe = (probe: unknown) =>
  JSON.stringify({
    ...{ start: ['node', 'server.mjs'], port: 8080, health: { loadBalancer: '/live', ready: '/health' } },
    session: { cookie: 'SID', probe },
  });

describe('the session probe of a contract', () => {
  it('is two paths', () => {
    const probe = { write: '/internal/probe/write', read: '/internal/probe/read' };
    expect(parseContract(withProbe(probe)).session?.probe).toEqual(probe);
  });

  it.each([
    ['one path alone', { write: '/write' }],
    ['a path that is none', { write: 'write', read: '/read' }],
    ['a URL of another server', { write: 'https://example.com/write', read: '/read' }],
    ['a path with a space', { write: '/write it', read: '/read' }],
    ['another key', { write: '/write', read: '/read', method: 'POST' }],
  ])('is refused with %s, before anything is published', (_what, probe) => {
    expect(() => parseContract(withProbe(probe))).toThrow(/session\.probe/);
  });
});
