import { expect, it } from 'vitest';
import type { Cloud } from '../../../cli/cloud.ts';
import { readReplaced, replacedLines } from '../../../cli/installation/replaced-servers.ts';

const HEALTH = 'an instance was taken out of service in response to an ELB system health check failure.';
const replaced = (id: number) => ({
  instanceId: `i-${id}`,
  kind: 'termination' as const,
  startedAtMs: 0,
  cause: `At 2026-11-20T09:00:0${id}Z ${HEALTH}`,
});

it('names the latest servers that were replaced, with the cause, and counts the others', () => {
  expect(replacedLines([])).toEqual([]);
  expect(replacedLines([4, 3, 2, 1].map(replaced))).toEqual([
    `replaced i-4: At 2026-11-20T09:00:04Z ${HEALTH}`,
    `replaced i-3: At 2026-11-20T09:00:03Z ${HEALTH}`,
    `replaced i-2: At 2026-11-20T09:00:02Z ${HEALTH}`,
    'replaced 1 more in the last 24 h',
  ]);
});

it('says why replaced servers are not known', () => {
  expect(replacedLines({ unread: 'the call was refused' })).toEqual(['replaced unknown: the call was refused']);
});

it('reads none where no fleet is', async () => {
  expect(await readReplaced({ fleet: 'store' } as Cloud, 0)).toEqual([]);
});
