import { expect, it } from 'vitest';
import { createServersCollector } from '../../../../functions/incidents/collect/collect-servers.ts';

/** One server, whose command is asked about until the clock has reached the limit. */
async function askedUntilLimit(error: Error) {
  let nowMs = 0;
  let questions = 0;
  const collect = createServersCollector({
    runCommand: {
      send: async () => 'c-1',
      describe: async () => {
        questions += 1;
        throw error;
      },
    },
    documentNames: { 'read-logs': 'holdfast-read-logs', 'access-log': 'holdfast-access-log' },
    serversOf: async () => [{ instanceId: 'i-1' }],
    contractOf: async () => undefined,
    now: () => nowMs,
    pause: async (ms) => {
      nowMs += ms;
    },
    limitMs: 10_000,
  });
  const window = { fromMs: 0, toMs: 1, firstSignMs: 0, hashKey: 'ab'.repeat(32) };
  const collected = await collect({ incidentId: 'inc-1', runbook: 'logged-out', fleets: ['web'], ...window });
  return { questions, gap: 'facts' in collected ? collected.facts.servers[0]?.gap : undefined };
}

const named = (name: string) => Object.assign(new Error('no'), { name });

it('asks again where a question was throttled, within the limit, and not where it is refused', async () => {
  expect(await askedUntilLimit(named('ThrottlingException'))).toEqual({ questions: 4, gap: 'its logs were not read within 10 s' });
  expect(await askedUntilLimit(named('AccessDeniedException'))).toMatchObject({ questions: 2 });
});
