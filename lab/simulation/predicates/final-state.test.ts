import { expect, test } from 'vitest';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import { judgeFinalState } from './final-state.ts';
import type { View } from './view.ts';

const ROLLED: TargetProgress = {
  phase: 'done',
  order: 0,
  fromVersion: '1.0.0',
  healthBefore: 'healthy',
  phaseStartedAtMs: 0,
  startedAtMs: 0,
};
const DEPLOY = {
  deployId: 'd',
  fleet: 'web',
  from: '1.0.0',
  to: '2.0.0',
  status: 'SUCCEEDED',
  targets: { 'i-1': ROLLED },
} as Partial<DeployRecord>;

/** A fleet of one server after a deploy of 2.0.0. */
function fleet(changes: Partial<View> = {}, deploy: Partial<DeployRecord> = {}): View {
  return {
    now: () => 1_000_000,
    lock: () => ({ fencingToken: 1 }),
    fleetRecord: () => ({ fleet: 'web', currentVersion: '2.0.0', sha256: '', updatedAtMs: 0, deployId: 'd', fencingToken: 1 }),
    deploys: () => [{ ...DEPLOY, ...deploy } as DeployRecord],
    instanceRecords: () => [{ instanceId: 'i-1', version: '2.0.0', installedAtMs: 0 }],
    members: () => [{ instanceId: 'i-1', lifecycleState: 'InService' }],
    suspended: () => [],
    healthOf: () => 'healthy',
    registered: () => ['i-1'],
    pinned: () => ({ pattern: undefined, instanceIds: [] }),
    installed: () => '2.0.0',
    staged: () => [],
    isUp: () => true,
    isUndisturbed: () => true,
    hasCampaign: () => false,
    hurts: () => undefined,
    countHurt: () => 0,
    deregistrationDelayMs: () => 30_000,
    badAt: () => undefined,
    runningExecutions: () => [],
    pendingCommands: () => [],
    suspendedByOthers: () => [],
    faultOnServer: () => false,
    faultOnStore: () => false,
    ...changes,
  } as View;
}

const found = (view: View) => judgeFinalState(view).map(({ predicate, text }) => `${predicate} ${text}`);

test('a fleet that a deploy has left in order breaks nothing', () => {
  expect(found(fleet())).toEqual([]);
});

test.each<[string, View]>([
  ['F1 cleanUp still runs: arn', fleet({ runningExecutions: () => [{ machine: 'cleanUp', executionArn: 'arn' }] })],
  ['F2 deploy d still holds the lock', fleet({ lock: () => ({ fencingToken: 1, deployId: 'd', expiresAtMs: 1_000_001 }) })],
  ['F2 open deploys: d', fleet({ lock: () => ({ fencingToken: 1, openDeploys: new Set(['d']) }) })],
  ['F3 suspended are Terminate, and should be none', fleet({ suspended: () => ['Terminate'] })],
  ['F3 suspended are none, and should be Launch', fleet({ suspendedByOthers: () => ['Launch'] })],
  ['F4 command c of observe is pending', fleet({ pendingCommands: () => [{ commandId: 'c', documentName: 'observe', listed: true }] })],
  ['F5 the drain rule takes ^i-1$', fleet({ pinned: () => ({ pattern: '^i-1$', instanceIds: [] }) })],
  ['F5 in the drain group: i-1', fleet({ pinned: () => ({ pattern: undefined, instanceIds: ['i-1'] }) })],
  ['F6 deploy d: its record says that it runs', fleet({}, { status: 'RUNNING' })],
  ['F6 deploy d: i-1 is baking for ever', fleet({}, { targets: { 'i-1': { ...ROLLED, phase: 'baking' } } })],
  ['F6 deploy d: it failed without an error', fleet({}, { status: 'FAILED', outcome: 'i-1 serves 2.0.0' })],
])('“%s” is found', (violation, view) => {
  expect(found(view)).toContain(violation);
});

test('what the sentence for the operator says of a server is compared with the server', () => {
  const error = { Error: 'Aborted', Cause: '' };
  const targets = { 'i-1': { ...ROLLED, phase: 'rolledBack', rollingBackTo: '1.0.0' } } as const;
  const outcome = 'Rolled back: i-1 has 1.0.0 again.';
  const violations = found(fleet({}, { status: 'FAILED', error, targets, rolledBack: true, outcome }));
  expect(violations).toContain('F6 deploy d: the outcome says that i-1 has 1.0.0, and it has 2.0.0');
  expect(violations).toContain('F6 deploy d: it was rolled back, and the current version is 2.0.0');
});

test('an instance whose record names another release is found', () => {
  expect(found(fleet({ instanceRecords: () => [] }))).toEqual(['F7 i-1 has release 2.0.0, and its record names none']);
});
