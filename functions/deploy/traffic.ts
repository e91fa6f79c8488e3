import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { lookPatiently, NO_PATIENCE, type Patience } from '../shared/patient.ts';
import type { Records } from '../shared/records.ts';
import { healthOf, type Registration, type TargetGroup } from '../shared/target-group.ts';
import type { DeployContext, RollReply, TrafficRequest } from './contract.ts';
import { decidePutBack } from './decide-put-back.ts';
import { explainError } from './explain-error.ts';
import { holdLease } from './hold-lease.ts';
import { judgeRegistration } from './judge-registration.ts';
import { recallRegistrations } from './recall-registrations.ts';
import { enterPhase } from './target-phases.ts';

export interface TrafficPorts {
  readonly records: Pick<Records, 'renewLease' | 'getDeploy' | 'listDeploys' | 'updateTarget'>;
  readonly targetGroup: TargetGroup;
  readonly log: Log;
  readonly now: () => number;
  /** How long one look at a registered target waits for its health. @default one look */
  readonly patience?: Patience;
}

/** Takes one target out of the load balancer's target group and back in. */
export function createTraffic(ports: TrafficPorts): (request: TrafficRequest) => Promise<RollReply> {
  const { records, targetGroup, now } = ports;
  return async (request) => {
    const { deploy, lease, roll } = request;
    const { instanceId } = roll;
    await holdLease(records, deploy, lease, now());
    switch (request.step) {
      case 'deregister': {
        // The phase comes first: after a failure between the two, the record says that the target may be out.
        const registrations = await registrationsOf(ports, deploy, instanceId);
        const draining = await enterPhase(records, deploy, roll, 'draining', now(), { registrations });
        await targetGroup.deregister(instanceId, registrations);
        return { verdict: 'DONE', roll: { ...draining, drain: { quietSeconds: 0 } } };
      }
      case 'register': {
        const registering = await enterPhase(records, deploy, roll, 'registering', now());
        await targetGroup.register(instanceId, await recordedRegistrations(ports, deploy, instanceId));
        return { verdict: 'WAIT', roll: registering };
      }
      case 'checkHealthy': {
        const health = await lookPatiently(
          async () => healthOf(instanceId, await targetGroup.describeHealth()),
          ({ state }) => state === 'healthy',
          ports.patience ?? NO_PATIENCE,
        );
        const verdict = judgeRegistration(health, roll.phaseStartedAtMs, now(), deploy.settings.registerTimeoutSeconds);
        return { verdict, roll: verdict === 'DONE' ? await enterPhase(records, deploy, roll, 'baking', now()) : roll };
      }
      case 'putBack':
        return putBack(ports, request);
    }
  };
}

async function registrationsOf(
  { records, targetGroup }: TrafficPorts,
  { fleet, deployId }: DeployContext,
  instanceId: string,
): Promise<readonly Registration[]> {
  const [own, health] = await Promise.all([records.getDeploy(fleet, deployId), targetGroup.describeHealth()]);
  const { registrations: now = [] } = healthOf(instanceId, health);
  const known = recallRegistrations(instanceId, own, now, []);
  // Only for a target that was out before the deploy: the history may be thousands of records.
  return known.length > 0 ? known : recallRegistrations(instanceId, own, now, await records.listDeploys(fleet));
}

async function recordedRegistrations(
  { records }: TrafficPorts,
  { fleet, deployId }: DeployContext,
  instanceId: string,
): Promise<readonly Registration[] | undefined> {
  return (await records.getDeploy(fleet, deployId))?.targets[instanceId]?.registrations;
}

async function putBack(
  { records, targetGroup, log, now }: TrafficPorts,
  request: TrafficRequest & { readonly step: 'putBack' },
): Promise<RollReply> {
  const { deploy, roll } = request;
  const { fleet, deployId } = deploy;
  const error = explainError(request.error);
  const progress = (await records.getDeploy(fleet, deployId))?.targets[roll.instanceId];
  const { action, detail } = decidePutBack(error.Error, progress, deploy.version);
  if (action === 'register') await targetGroup.register(roll.instanceId, progress?.registrations);
  if (action === 'takeOut') await targetGroup.deregister(roll.instanceId, progress?.registrations);
  await records.updateTarget(fleet, deployId, roll.instanceId, {
    phase: 'failed',
    finishedAtMs: now(),
    detail: `${error.Cause} — ${detail}`,
  });
  log.info(LOG_EVENTS.targetPutBack, { deployId, instanceId: roll.instanceId, action, error: error.Error });
  return { verdict: 'DONE', roll };
}
