import type { Phase } from '../../../functions/records/types.ts';
import { type Ending, type Scenario, SERVERS, type TargetEnding, type When } from './scenario.ts';

/** What a target goes through that is rolled without anything in its way. */
const ROLL: readonly Phase[] = ['draining', 'installing', 'checkingReadiness', 'registering', 'baking', 'done'];
const upTo = (phase: Phase): readonly Phase[] => ROLL.slice(0, ROLL.indexOf(phase) + 1);

const ROLLED: TargetEnding = { has: 'new', phases: ROLL };
const UNTOUCHED: TargetEnding = { has: 'before', phases: [] };
/** The roll that brings the previous release back bakes it as well. */
const BACK: readonly Phase[] = [...ROLL.slice(0, -1), 'rolledBack'];
const rolledBackAfter = (...phases: readonly Phase[]): TargetEnding => ({ has: 'before', phases: [...phases, 'waiting', ...BACK] });
/** The first target failed in this phase, and nothing happened to the others. */
const failedIn = (phase: Phase): readonly TargetEnding[] => [rolledBackAfter(...upTo(phase), 'failed'), UNTOUCHED, UNTOUCHED];
/** The install of the first target failed, and its previous release serves again without a roll. */
const RESTORED: readonly TargetEnding[] = [{ has: 'before', phases: [...upTo('installing'), 'failed'] }, UNTOUCHED, UNTOUCHED];
const abortedIn = (phase: Phase): readonly TargetEnding[] => [rolledBackAfter(...upTo(phase)), UNTOUCHED, UNTOUCHED];
const ALL_BACK = Array.from({ length: SERVERS }, () => rolledBackAfter(...ROLL));

const WELL = { healthy: SERVERS, registered: SERVERS, suspended: [], lock: 'free', openDeploys: 0 } as const;
const SUCCEEDED: Ending = { ...WELL, status: 'SUCCEEDED', current: 'new', targets: [ROLLED, ROLLED, ROLLED] };
const failed = (error: string, targets: readonly TargetEnding[], rolledBack = true): Ending => ({
  ...WELL,
  status: error === 'Aborted' ? 'ABORTED' : 'FAILED',
  error,
  rolledBack,
  current: 'before',
  targets,
});
const aborted = (when: When, targets: readonly TargetEnding[], rolledBack = true): Scenario => ({
  name: `an abort while ${'phase' in when ? when.phase : when.stage}`,
  release: 'good',
  happens: { when, what: { kind: 'abort' } },
  ends: failed('Aborted', targets, rolledBack),
});

/** Each begins with a fleet of three healthy servers with one release, and but for `halt` leaves one. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'a deploy', release: 'good', ends: SUCCEEDED },
  { name: 'a release whose archive has another checksum', release: 'checksum', ends: failed('ChecksumMismatch', RESTORED) },
  { name: 'a release that does not start', release: 'start', ends: failed('InstallFailed', RESTORED) },
  { name: 'a release that never reports UP', release: 'ready', ends: failed('TargetNeverUp', failedIn('checkingReadiness')) },
  {
    name: 'a release that the load balancer finds unhealthy',
    release: 'loadBalancer',
    ends: failed('TargetNeverHealthy', failedIn('registering')),
  },
  { name: 'a release that fails in its bake', release: 'bake', ends: failed('BakeFailed', failedIn('baking')) },
  { name: 'a release that raises an alarm while the deploy settles', release: 'settle', ends: failed('AlarmFired', ALL_BACK) },
  aborted({ stage: 'planning' }, [], false),
  aborted({ phase: 'draining' }, [{ has: 'before', phases: ['draining', 'failed'] }, UNTOUCHED, UNTOUCHED], false),
  aborted({ phase: 'installing' }, abortedIn('installing')),
  aborted({ phase: 'checkingReadiness' }, abortedIn('checkingReadiness')),
  aborted({ phase: 'registering' }, abortedIn('registering')),
  aborted({ phase: 'baking' }, abortedIn('baking')),
  aborted({ stage: 'settling' }, ALL_BACK),
  {
    name: 'a server that dies while another one is rolled',
    release: 'good',
    happens: { when: { phase: 'draining' }, what: { kind: 'killed', position: 2 } },
    ends: SUCCEEDED,
  },
  {
    name: 'a failover of the session store',
    release: 'good',
    happens: { when: { phase: 'checkingReadiness' }, what: { kind: 'failover' } },
    ends: SUCCEEDED,
  },
  {
    name: 'a newcomer in place of a server that waits for its turn',
    release: 'good',
    happens: { when: { phase: 'draining' }, what: { kind: 'terminated', position: 2 } },
    ends: { ...SUCCEEDED, targets: [ROLLED, ROLLED, { has: 'gone', phases: [] }, ROLLED] },
  },
  {
    name: 'another deploy meanwhile',
    release: 'good',
    happens: { when: { phase: 'draining' }, what: { kind: 'secondDeploy' } },
    ends: { ...SUCCEEDED, other: 'DeployInProgress' },
  },
  { name: 'a second deploy of the same release', release: 'good', again: true, ends: { ...SUCCEEDED, other: 'SUCCEEDED' } },
];
