import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { SFNClient } from '@aws-sdk/client-sfn';
import { dynamoStoreRecords } from '../../collect/store-records.ts';
import { recordsFrom, recordsTableFrom } from '../../records/dynamo-records.ts';
import { createTargetGroupAttributes } from '../../shared/aws/attributes-reader.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createExecutions } from '../../shared/aws/executions.ts';
import { createReplicationGroup } from '../../shared/aws/replication-group.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { sweepStateMachineName } from '../../shared/naming.ts';
import { dynamoSweepRecords } from '../../sweep/sweep-records.ts';
import { askWitnessFrom } from '../collect/collect-store.ts';
import { serversFrom, trafficFrom } from '../collect/sources.ts';
import { COLLECT_SOURCES_ENV, INCIDENTS_ENV, incidentSettingsFrom, runbookStateMachineName } from '../contract/environment.ts';
import type { Mitigation, MitigationName } from '../contract/mitigations.ts';
import type { Fleets } from '../contract/steps.ts';
import { createBalancerRules } from './balancer-rules.ts';
import { createPromoteReplica } from './promote-replica.ts';
import { createReLoginPage } from './re-login-page.ts';
import { createRestoreStickiness } from './restore-stickiness.ts';
import { createStopDeploy } from './stop-deploy.ts';
import { createAreHurt } from './store-witnesses.ts';
import { createSweepNow } from './sweep-now.ts';

/** Servers are asked only whether they work with the store: no log is read, so that nothing is hashed with this key. */
const NO_KEY = '0'.repeat(64);

/** Several fleets are asked in one turn. A server whose store hangs answers after up to ten seconds, and its agent takes some as well. */
const ANSWER_LIMIT_MS = 20_000;

/** What works on the store's keys runs inside the VPC, by the state machine of sweeps. */
export function createMitigations(environment: Environment, fleets: Fleets): Readonly<Record<MitigationName, Mitigation>> {
  const installation = required(environment, INCIDENTS_ENV.installation);
  const balancer = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const executions = createExecutions(new SFNClient(CLIENT_OPTIONS));
  const records = recordsFrom(environment);
  const table = recordsTableFrom(environment);
  const groupId = optional(environment, COLLECT_SOURCES_ENV.replicationGroupId);
  const group =
    groupId === undefined ? undefined : { id: groupId, ...createReplicationGroup(new ElastiCacheClient(CLIENT_OPTIONS), groupId) };
  const now = Date.now;
  // It is wired at its first use, because it needs the name of a document, which only the environment of a deployed function has.
  let collect: ReturnType<typeof serversFrom> | undefined;
  const readServers = async (fleet: string) => {
    collect ??= serversFrom(environment, fleets, ANSWER_LIMIT_MS);
    const nowMs = now();
    const window = { fleets: [fleet], fromMs: nowMs, toMs: nowMs, firstSignMs: nowMs, hashKey: NO_KEY };
    const collected = await collect({ incidentId: 'the end of an outage', runbook: 'store-failure', ...window });
    return 'facts' in collected ? collected.facts.servers : [];
  };
  const store = dynamoStoreRecords(table);
  const named = Object.keys(fleets);
  const witnesses = {
    askFleet: askWitnessFrom(environment),
    ...{ fleets: named, witnessed: named.filter((name) => fleets[name]?.witness) },
    reading: () => store.getStore(),
    unreachable: () => store.getUnreachable(),
    now,
  };
  const lastLag = async () => {
    const reading = (await store.getStore())?.reading;
    return reading && { atMs: reading.takenAtMs, seconds: reading.replicationLagSeconds, bytes: reading.replicationLagBytes };
  };
  const sweepStateMachineArn = required(environment, INCIDENTS_ENV.stateMachineArn).replace(
    `:${runbookStateMachineName(installation)}`,
    `:${sweepStateMachineName(installation)}`,
  );
  return {
    'restore-stickiness': createRestoreStickiness({ fleets, attributes: createTargetGroupAttributes(balancer) }),
    'stop-deploy': createStopDeploy({ fleets, records, executions }),
    'promote-replica': createPromoteReplica({ group, lastLag, witnesses, readServers }),
    're-login-page': createReLoginPage({
      ...{ witnesses, fleets, readServers, installation, now },
      longestMs: incidentSettingsFrom(environment).pageMinutes * 60_000,
      rules: createBalancerRules(balancer),
      areHurt: createAreHurt(trafficFrom(fleets), now),
    }),
    'sweep-now': createSweepNow({ sweepStateMachineArn, executions, sweeps: dynamoSweepRecords(table), now }),
  };
}
