import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import type { AccessLogFacts, ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { withFewSessions } from '../../incidents/with-few-sessions.ts';

const trace = { routes: [], firstMs: 0, lastMs: 0, requests: 1 };
const server = (instanceId: string, hashes: readonly number[]): ServerFacts => ({
  instanceId,
  access: {
    lines: 7,
    sessions: Object.fromEntries(hashes.map((hash) => [String(hash).padStart(12, '0'), trace])),
  } as unknown as AccessLogFacts,
});
const evidence = (servers: readonly ServerFacts[]): Evidence => ({
  ...{ incidentId: 'inc-000000000000', fromMs: 0, toMs: 1, firstSignMs: 0 },
  sources: { servers: { takenAtMs: 1, facts: { servers } } },
});

describe('a recorded bundle', () => {
  it('keeps the same sessions of every server, and everything else', () => {
    const all = Array.from({ length: 100 }, (_, hash) => hash);
    const kept = withFewSessions(evidence([server('i-1', all), server('i-2', all.toReversed()), { instanceId: 'i-3', gap: 'silent' }]));
    const { servers } = kept.sources;
    if (!servers || 'gap' in servers) throw new Error('the servers are missing');
    const [first, second, third] = servers.facts.servers;
    expect(Object.keys(first?.access?.sessions ?? {}).toSorted()).toHaveLength(60);
    expect(Object.keys(first?.access?.sessions ?? {}).toSorted()).toEqual(Object.keys(second?.access?.sessions ?? {}).toSorted());
    expect(first?.access?.lines).toBe(7);
    expect(third).toEqual({ instanceId: 'i-3', gap: 'silent' });
  });
});
