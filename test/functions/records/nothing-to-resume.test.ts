import { expect, it } from 'vitest';
import { type FleetNow, nothingToResume } from '../../../functions/records/outcome-text.ts';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';

const target = (more: Partial<TargetProgress>): TargetProgress => ({
  ...{ phase: 'failed', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 2, startedAtMs: 1, healthBefore: 'healthy' },
  phases: [{ phase: 'installing', startedAtMs: 2 }],
  ...more,
});
const failed = (targets: Record<string, TargetProgress>, more: Partial<DeployRecord> = {}) => ({
  ...{ status: 'FAILED' as const, rolledBack: false, targets, finishedAtMs: 9 },
  ...more,
});
const now = (servers: Readonly<Record<string, string>>, currentVersion: string | undefined = '1.0.0'): FleetNow => ({
  instances: Object.entries(servers).map(([instanceId, version]) => ({ instanceId, version, installedAtMs: 20 })),
  currentVersion,
});
const GONE = 'Nothing is left to resume: i-1 was replaced since, and all 2 servers have 1.0.0';

it.each<[string, Parameters<typeof nothingToResume>, string | undefined]>([
  ['its server was replaced', [failed({ 'i-1': target({}) }), now({ 'i-2': '1.0.0', 'i-8': '1.0.0' })], GONE],
  [
    'all that it touched were replaced',
    [failed({ 'i-1': target({}), 'i-2': target({ phase: 'done', order: 1 }) }), now({ 'i-8': '1.0.0' })],
    'Nothing is left to resume: i-1, i-2 were replaced since, and the only server has 1.0.0',
  ],
  ['a server is still as it left it', [failed({ 'i-1': target({}) }), now({ 'i-1': '1.0.0', 'i-2': '1.0.0' })], undefined],
  ['a server has another release', [failed({ 'i-1': target({}) }), now({ 'i-2': '1.0.0', 'i-8': '1.1.0' })], undefined],
  [
    'a server never had a release, and has no record',
    [failed({ 'i-1': target({ fromVersion: 'none' }) }), now({ 'i-2': '1.0.0' })],
    undefined,
  ],
  ['no server is on record', [failed({ 'i-1': target({}) }), now({})], undefined],
  ['it was rolled back', [failed({ 'i-1': target({}) }, { rolledBack: true }), now({ 'i-2': '1.0.0' })], undefined],
  ['it restarted all servers', [failed({ 'i-1': target({}) }, { restartAll: true }), now({ 'i-2': '1.0.0' })], undefined],
  ['it runs', [failed({ 'i-1': target({}) }, { status: 'RUNNING' }), now({ 'i-2': '1.0.0' })], undefined],
])('a deploy that failed, where %s', (_, [deploy, fleet], sentence) => expect(nothingToResume(deploy, fleet)).toBe(sentence));
