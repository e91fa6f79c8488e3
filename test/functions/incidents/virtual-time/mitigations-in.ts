/** All mitigations of a world, by the functions' own cores. */
import type { Mitigation, MitigationName } from '../../../../functions/incidents/contract/mitigations.ts';
import { createPromoteReplica } from '../../../../functions/incidents/mitigate/promote-replica.ts';
import { createReLoginPage } from '../../../../functions/incidents/mitigate/re-login-page.ts';
import { createRestoreStickiness } from '../../../../functions/incidents/mitigate/restore-stickiness.ts';
import { createStopDeploy } from '../../../../functions/incidents/mitigate/stop-deploy.ts';
import type { StoreWitnesses } from '../../../../functions/incidents/mitigate/store-witnesses.ts';
import { createSweepNow } from '../../../../functions/incidents/mitigate/sweep-now.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import type { fakeExecutions } from '../../fakes/executions.ts';
import type { fakeAttributes, fakePage, fakeStoreGroup } from './fakes.ts';

const MACHINES = 'arn:aws:states:us-east-1:000000000000:stateMachine';
export const DEPLOYS = `${MACHINES}:holdfast-web-deploy`;
const SWEEPS = `${MACHINES}:holdfast-sweep`;
const MINUTE = 60_000;
export const SERVERS = ['i-1', 'i-2', 'i-3'];
const STICKY = { enabled: true, type: 'lb_cookie', durationSeconds: 86_400 } as const;
export const LONGEST_MINUTES = 120;
const PAGE = {
  ...{ hosts: [], paths: ['/*'], priorities: { first: 1, last: 50 }, language: 'en', retrySeconds: 10 },
  ...{ title: 'Back in a minute', message: 'Please log in again then.', retry: 'Try again' },
};

interface Given {
  /** What is true now: a test changes it. */
  readonly world: {
    readonly servers: 'answer' | 'silent';
    readonly serversSay: object;
    readonly isUp: boolean;
    readonly cutOff: string | undefined;
    readonly areHurt: boolean | undefined;
  };
  readonly witnesses: StoreWitnesses;
  readonly fleetRecords: Records;
  readonly group: ReturnType<typeof fakeAutoScalingGroup>;
  readonly storeGroup: ReturnType<typeof fakeStoreGroup>;
  readonly attributes: ReturnType<typeof fakeAttributes>;
  readonly rules: ReturnType<typeof fakePage>['rules'];
  readonly deploys: ReturnType<typeof fakeExecutions>;
  readonly sweeps: ReturnType<typeof fakeExecutions>;
  readonly now: () => number;
}

export function mitigationsIn(given: Given): Partial<Record<MitigationName, Mitigation>> {
  const { world, witnesses, fleetRecords, group, storeGroup, attributes, rules, deploys, sweeps, now } = given;
  const shared = {
    ...{ now, longestMs: LONGEST_MINUTES * MINUTE },
    fleets: {
      web: {
        ...{ targetGroupArn: 'tg', strategy: 'redis' as const, expectedStickiness: STICKY, autoScalingGroup: group.name },
        reLoginPage: PAGE,
      },
    },
    async readServers() {
      return world.servers === 'silent'
        ? []
        : SERVERS.map((instanceId) => ({ instanceId, ...world.serversSay, ready: world.isUp && instanceId !== world.cutOff }));
    },
    witnesses,
  };
  const sweep = {
    ...{ now, executions: sweeps, sweepStateMachineArn: SWEEPS },
    sweeps: { getSweep: async () => undefined, latestSweeps: async () => [] },
  };
  return {
    'sweep-now': createSweepNow(sweep),
    're-login-page': createReLoginPage({ ...shared, installation: 'holdfast', rules, areHurt: async () => world.areHurt }),
    'stop-deploy': createStopDeploy({ ...shared, records: fleetRecords, executions: deploys }),
    'restore-stickiness': createRestoreStickiness({ ...shared, attributes }),
    'promote-replica': createPromoteReplica({
      ...shared,
      ...{ group: storeGroup, lastLag: async () => ({ atMs: now(), seconds: 1, bytes: 0 }) },
    }),
  } as Partial<Record<MitigationName, Mitigation>>;
}
