import type { LockRequest, Records, TargetCondition } from '../../../functions/records/records.ts';
import { epochOf } from '../../../functions/records/suspension.ts';
import { enteredPhase, MAX_PHASES } from '../../../functions/records/touched-targets.ts';
import type {
  DeployRecord,
  FleetRecord,
  InstanceRecord,
  LockRecord,
  RecordedRegistrations,
  ReleaseRecord,
  TargetProgress,
} from '../../../functions/records/types.ts';

/** {@link Records} in memory, held to the same conformance suite as the table. */
export function memoryRecords(): Records {
  const fleets = new Map<string, FleetRecord>();
  const releases = new Map<string, ReleaseRecord>();
  const instances = new Map<string, Map<string, InstanceRecord>>();
  const registrations = new Map<string, RecordedRegistrations>();
  const locks = new Map<string, LockRecord>();
  const deploys = new Map<string, DeployRecord>();
  const id = (...parts: string[]) => parts.join('#');
  const ofFleet = <T extends { readonly fleet: string }>(map: Map<string, T>, fleet: string) =>
    [...map.values()].filter((record) => record.fleet === fleet);
  const defined = <T extends object>(fields: T) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
  const holds = (hold: { fleet: string; deployId: string; fencingToken: number }) => {
    const lock = locks.get(hold.fleet);
    return lock?.deployId === hold.deployId && lock.fencingToken === hold.fencingToken ? lock : undefined;
  };
  const change = (fleet: string, deployId: string, edit: (deploy: DeployRecord) => DeployRecord) => {
    const deploy = deploys.get(id(fleet, deployId));
    if (deploy) deploys.set(id(fleet, deployId), structuredClone(edit(deploy)));
    return deploy !== undefined;
  };
  const waits = (fleet: string, deployId: string) => {
    const { pause, firstFailure, finishedAtMs } = deploys.get(id(fleet, deployId)) ?? {};
    return pause !== undefined && pause.continued === undefined && firstFailure === undefined && finishedAtMs === undefined;
  };
  const take = ({ fleet, nowMs, expiresAtMs, ...holder }: LockRequest) => {
    const lock = locks.get(fleet);
    const fencingToken = (lock?.fencingToken ?? 0) + 1;
    const open = new Set([...(lock?.openDeploys ?? []), ...(holder.heldBy ? [] : [holder.deployId])]);
    const openDeploys = open.size > 0 ? { openDeploys: open } : {};
    const { suspension, resumedEpoch } = lock ?? {};
    const suspended = { ...(suspension && { suspension }), ...(resumedEpoch !== undefined && { resumedEpoch }) };
    locks.set(fleet, { fencingToken, ...holder, acquiredAtMs: nowMs, expiresAtMs, ...openDeploys, ...suspended });
    return { acquired: true, fencingToken, expiresAtMs } as const;
  };
  /** DynamoDB keeps no empty set. */
  const openBut = ({ openDeploys }: LockRecord, deployId: string): Pick<LockRecord, 'openDeploys'> => {
    const left = [...(openDeploys ?? [])].filter((open) => open !== deployId);
    return { openDeploys: left.length === 0 ? undefined : new Set(left) } as Pick<LockRecord, 'openDeploys'>;
  };
  const latestFirst = (fleet: string) => structuredClone(ofFleet(deploys, fleet).sort((a, b) => b.startedAtMs - a.startedAtMs));

  return {
    getFleet: async (fleet) => fleets.get(fleet),
    async putRelease(release) {
      const key = id(release.fleet, release.version);
      if (releases.has(key)) return false;
      releases.set(key, release);
      return true;
    },
    getRelease: async (fleet, version) => releases.get(id(fleet, version)),
    listReleases: async (fleet) => ofFleet(releases, fleet).sort((a, b) => b.publishedAtMs - a.publishedAtMs),
    async putInstance(fleet, instance) {
      instances.set(fleet, (instances.get(fleet) ?? new Map()).set(instance.instanceId, instance));
    },
    getInstances: async (fleet) => [...(instances.get(fleet)?.values() ?? [])],
    getRegistrations: async (fleet, instanceId) => registrations.get(id(fleet, instanceId)),
    async putRegistrations(fleet, instanceId, recorded) {
      registrations.set(id(fleet, instanceId), recorded);
    },
    async deleteInstance(fleet, instanceId) {
      instances.get(fleet)?.delete(instanceId);
      registrations.delete(id(fleet, instanceId));
    },
    async promote(fleet, { version, sha256, deployId, fencingToken, atMs }) {
      if ((fleets.get(fleet)?.fencingToken ?? 0) > fencingToken) return false;
      fleets.set(fleet, { fleet, currentVersion: version, sha256, deployId, fencingToken, updatedAtMs: atMs });
      return true;
    },

    getLock: async (fleet) => locks.get(fleet),
    async acquireLock(request) {
      const { fleet, nowMs, expiresAtMs, ...holder } = request;
      const lock = locks.get(fleet);
      if (lock?.deployId === holder.deployId) {
        locks.set(fleet, { ...lock, expiresAtMs });
        return { acquired: true, fencingToken: lock.fencingToken, expiresAtMs };
      }
      const isOpen = holder.heldBy === 'reconcile' && (lock?.openDeploys?.size ?? 0) > 0;
      if (lock && (isOpen || (lock.deployId !== undefined && (lock.expiresAtMs ?? 0) > nowMs))) return { acquired: false, holder: lock };
      return take(request);
    },
    async takeOverLock(request) {
      const lock = locks.get(request.fleet);
      const isOthers = lock?.deployId !== undefined && lock.deployId !== request.deployId && (lock.expiresAtMs ?? 0) > request.nowMs;
      return isOthers ? { acquired: false, holder: lock } : take(request);
    },
    async closeDeploy(fleet, deployId) {
      const lock = locks.get(fleet);
      if (lock) locks.set(fleet, { ...lock, ...openBut(lock, deployId) });
    },
    async forgetDeploy(fleet, deployId) {
      const lock = locks.get(fleet);
      if (lock?.deployId === deployId) return false;
      if (lock) locks.set(fleet, { ...lock, ...openBut(lock, deployId) });
      return true;
    },
    async renewLease(hold, expiresAtMs) {
      const lock = holds(hold);
      if (lock) locks.set(hold.fleet, { ...lock, expiresAtMs });
      return lock !== undefined;
    },
    async releaseLock(hold) {
      const lock = holds(hold);
      const { fencingToken = 0, openDeploys, suspension, resumedEpoch } = lock ?? {};
      const suspended = { ...(suspension && { suspension }), ...(resumedEpoch && { resumedEpoch }) };
      if (lock) locks.set(hold.fleet, { fencingToken, ...(openDeploys && { openDeploys }), ...suspended });
      return lock !== undefined;
    },
    async putSuspension(hold, suspension) {
      const { fleet, deployId, fencingToken } = hold;
      const lock = holds(hold);
      const epoch = epochOf(fencingToken, suspension.round);
      if (!lock || (lock.resumedEpoch ?? 0) >= epoch) return false;
      locks.set(fleet, { ...lock, suspension: { deployId, epoch, ...suspension } });
      return true;
    },
    async beginResume({ fleet, fencingToken }, round) {
      const lock = locks.get(fleet);
      const resumedEpoch = epochOf(fencingToken, round);
      if (lock && (lock.resumedEpoch ?? 0) < resumedEpoch) locks.set(fleet, { ...lock, resumedEpoch });
    },
    async deleteSuspension({ fleet, deployId, fencingToken }, round) {
      const { suspension, ...lock } = locks.get(fleet) ?? { fencingToken: 0 };
      if (suspension?.deployId === deployId && (suspension.epoch ?? 0) <= epochOf(fencingToken, round)) locks.set(fleet, lock);
    },

    async createDeploy(deploy) {
      if (!deploys.has(id(deploy.fleet, deploy.deployId))) deploys.set(id(deploy.fleet, deploy.deployId), structuredClone(deploy));
    },
    getDeploy: async (fleet, deployId) => structuredClone(deploys.get(id(fleet, deployId))),
    findDeploys: async (fleet, idPrefix) => latestFirst(fleet).filter(({ deployId }) => deployId.startsWith(idPrefix)),
    latestDeploys: async (fleet, count) => latestFirst(fleet).slice(0, count),
    async updateDeploy(fleet, deployId, fields, onlyIf) {
      const before = deploys.get(id(fleet, deployId));
      if (!before || before.finishedAtMs !== undefined) return false;
      if (onlyIf && (before.warnings ?? []).length !== onlyIf.warnings) return false;
      change(fleet, deployId, (deploy) => ({ ...deploy, ...defined(fields) }));
      return true;
    },
    async beginPause(fleet, deployId, pause) {
      change(fleet, deployId, (deploy) =>
        deploy.finishedAtMs === undefined && deploy.pause === undefined ? { ...deploy, pause, stage: 'paused' } : deploy,
      );
    },
    async continueDeploy(fleet, deployId, continued) {
      const { pause, cleanUp } = deploys.get(id(fleet, deployId)) ?? {};
      if (!waits(fleet, deployId) || pause === undefined || cleanUp || pause.endsAtMs <= continued.atMs) return false;
      change(fleet, deployId, (deploy) => ({ ...deploy, pause: { ...pause, continued } }));
      return true;
    },
    async failPause(fleet, deployId, error) {
      if (!waits(fleet, deployId)) return false;
      change(fleet, deployId, (deploy) => ({ ...deploy, firstFailure: error }));
      return true;
    },
    async recordFirstFailure(fleet, deployId, error) {
      change(fleet, deployId, (deploy) =>
        deploy.finishedAtMs === undefined && deploy.firstFailure === undefined ? { ...deploy, firstFailure: error } : deploy,
      );
    },
    async planDeploy(fleet, deployId, plan) {
      change(fleet, deployId, (deploy) =>
        deploy.sha256 === undefined ? { ...deploy, ...plan, targets: { ...plan.targets, ...deploy.targets } } : deploy,
      );
    },
    async putTarget(fleet, deployId, instanceId, progress) {
      const before = deploys.get(id(fleet, deployId))?.targets[instanceId];
      const waits = before?.executionName === progress.executionName && before?.phase === 'waiting';
      const replaces = progress.executionName !== undefined && (before?.executionName === undefined || waits);
      if (before && !replaces) return false;
      return change(fleet, deployId, (deploy) => ({ ...deploy, targets: { ...deploy.targets, [instanceId]: progress } }));
    },
    async updateTarget(fleet, deployId, instanceId, progress, onlyIf = {}) {
      const found = deploys.get(id(fleet, deployId))?.targets[instanceId];
      if (!found || !isAs(onlyIf, found)) return false;
      return change(fleet, deployId, (deploy) => {
        const before = deploy.targets[instanceId] as TargetProgress;
        const entered = enteredPhase(progress);
        const phases = entered && [...(before.phases ?? []), entered].slice(0, MAX_PHASES);
        return { ...deploy, targets: { ...deploy.targets, [instanceId]: { ...before, ...defined({ ...progress, phases }) } } };
      });
    },
    async claimCleanUp(fleet, deployId, claim, seen) {
      const deploy = deploys.get(id(fleet, deployId));
      if (!deploy || deploy.cleanUp?.executionArn !== seen?.executionArn) return false;
      return change(fleet, deployId, (record) => ({ ...record, cleanUp: claim }));
    },
    finishDeploy: async (fleet, deployId, end) => change(fleet, deployId, (deploy) => ({ ...deploy, ...defined(end), stage: 'finished' })),
  };
}

const isAs = ({ executionName, phases, notBegun, neverRolled }: TargetCondition, target: TargetProgress): boolean =>
  (executionName === undefined || target.executionName === executionName) &&
  (phases === undefined || phases.includes(target.phase)) &&
  (notBegun === undefined || target.executionName !== notBegun || target.phase === 'waiting') &&
  (!neverRolled || target.executionName === undefined);
