import { recordKeys } from './keys.ts';
import type { DeployRecords, TargetCondition } from './records.ts';
import { type Change, latestFirst, onlyIf, type RecordsTable, readLatest, setFields } from './records-table.ts';
import { enteredPhase, MAX_PHASES } from './touched-targets.ts';
import type { DeployRecord, EnteredPhase, Phase, TargetProgress } from './types.ts';

const ABSENT = 'attribute_not_exists(pk)';
/** Condition: the deploy is paused, and nobody has continued it, nothing failed and it has not finished since. */
const WAITS =
  'attribute_exists(pause) AND attribute_not_exists(pause.continued) AND attribute_not_exists(firstFailure) AND attribute_not_exists(finishedAtMs)';
const UNFINISHED = 'attribute_exists(pk) AND attribute_not_exists(finishedAtMs)';

/** A target's progress is an item of its own: two hundred would not fit into one, and several change at the same time. */
type TargetItem = TargetProgress & { readonly instanceId: string };

/** Targets that are written at the same time when a deploy is planned. */
const WRITTEN_AT_ONCE = 20;

export function dynamoDeployRecords(table: RecordsTable): DeployRecords {
  /** @returns whether the condition held */
  const changed = async (key: ReturnType<typeof recordKeys.deploy>, change: Change) => (await table.update(key, change)) !== undefined;

  const withTargets = async (deploy: DeployRecord): Promise<DeployRecord> => {
    const { pk, sk } = recordKeys.deployTarget(deploy.fleet, deploy.deployId, '');
    const items = await table.query<TargetItem>(pk, sk);
    const targets = items.map(({ instanceId, ...progress }): [string, TargetProgress] => [instanceId, progress]);
    return { ...deploy, targets: Object.fromEntries(targets) };
  };

  const addTargets = async (fleet: string, deployId: string, targets: DeployRecord['targets']) => {
    const left = Object.entries(targets);
    while (left.length > 0) {
      const some = left.splice(0, WRITTEN_AT_ONCE);
      await Promise.all(some.map(([instanceId, progress]) => put(fleet, deployId, { ...progress, instanceId }, ABSENT)));
    }
  };
  const put = (fleet: string, deployId: string, target: TargetItem, condition: string) => {
    const values = condition === ABSENT ? {} : { ':execution': target.executionName, ':waiting': 'waiting' };
    return changed(recordKeys.deployTarget(fleet, deployId, target.instanceId), onlyIf(setFields(target), condition, values));
  };

  return {
    async createDeploy(deploy) {
      const { fleet, deployId, startedAtMs, targets } = deploy;
      // The start first: readers skip a start without a record, but a record without a start would be in no list.
      await table.put(recordKeys.deployStart(fleet, startedAtMs, deployId), { deployId });
      const isNew = await table.put(recordKeys.deploy(fleet, deployId), { ...deploy, targets: {} }, { ConditionExpression: ABSENT });
      if (isNew) await addTargets(fleet, deployId, targets);
    },
    async getDeploy(fleet, deployId) {
      const deploy = await table.get<DeployRecord>(recordKeys.deploy(fleet, deployId));
      return deploy && withTargets(deploy);
    },
    async findDeploys(fleet, idPrefix) {
      const { pk, sk } = recordKeys.deploy(fleet, idPrefix);
      const deploys = await table.query<DeployRecord>(pk, sk);
      // One more query for each of thousands would be needed otherwise.
      return deploys.length === 1 ? Promise.all(deploys.map(withTargets)) : deploys.sort(latestFirst);
    },
    async latestDeploys(fleet, count) {
      const keyOf = ({ deployId }: { deployId: string }) => recordKeys.deploy(fleet, deployId);
      const deploys = await readLatest<{ deployId: string }, DeployRecord>(table, recordKeys.deployStarts(fleet), keyOf, count);
      return Promise.all(deploys.map(withTargets));
    },
    updateDeploy(fleet, deployId, fields, where) {
      const count = where?.warnings;
      const asMany = count === 0 ? '(attribute_not_exists(warnings) OR size(warnings) = :warnings)' : 'size(warnings) = :warnings';
      const condition = count === undefined ? UNFINISHED : `${UNFINISHED} AND ${asMany}`;
      const change = onlyIf(setFields(fields), condition, count === undefined ? {} : { ':warnings': count });
      return changed(recordKeys.deploy(fleet, deployId), change);
    },
    async recordFirstFailure(fleet, deployId, error) {
      const change = onlyIf(setFields({ firstFailure: error }), `${UNFINISHED} AND attribute_not_exists(firstFailure)`);
      await changed(recordKeys.deploy(fleet, deployId), change);
    },
    async beginPause(fleet, deployId, pause) {
      const change = onlyIf(setFields({ pause, stage: 'paused' }), `${UNFINISHED} AND attribute_not_exists(pause)`);
      await changed(recordKeys.deploy(fleet, deployId), change);
    },
    continueDeploy(fleet, deployId, continued) {
      const condition = `${WAITS} AND attribute_not_exists(cleanUp) AND pause.endsAtMs > :now`;
      const change = onlyIf(setFields({ continued }, ['pause']), condition, { ':now': continued.atMs });
      return changed(recordKeys.deploy(fleet, deployId), change);
    },
    failPause(fleet, deployId, error) {
      return changed(recordKeys.deploy(fleet, deployId), onlyIf(setFields({ firstFailure: error }), WAITS));
    },
    async planDeploy(fleet, deployId, { targets, ...plan }) {
      const key = recordKeys.deploy(fleet, deployId);
      const deploy = await table.get<DeployRecord>(key);
      if (deploy === undefined || deploy.sha256 !== undefined) return;
      // The targets first: what is planned has them all.
      await addTargets(fleet, deployId, targets);
      await changed(key, onlyIf(setFields(plan), 'attribute_exists(pk) AND attribute_not_exists(sha256)'));
    },
    putTarget(fleet, deployId, instanceId, progress) {
      const unlessBegun = 'attribute_not_exists(executionName) OR (executionName = :execution AND phase = :waiting)';
      return put(fleet, deployId, { ...progress, instanceId }, progress.executionName === undefined ? ABSENT : unlessBegun);
    },
    async updateTarget(fleet, deployId, instanceId, progress, where = {}) {
      const key = recordKeys.deployTarget(fleet, deployId, instanceId);
      const change = withCondition(setFields(progress), where);
      const entered = enteredPhase(progress);
      if (entered && (await changed(key, addPhase(change, entered)))) return true;
      // No phase is entered, the history is full, or the condition fails.
      return changed(key, change);
    },
    claimCleanUp(fleet, deployId, claim, seen) {
      const condition = seen ? 'cleanUp.executionArn = :seen' : 'attribute_exists(pk) AND attribute_not_exists(cleanUp)';
      const change = onlyIf(setFields({ cleanUp: claim }), condition, seen && { ':seen': seen.executionArn });
      return changed(recordKeys.deploy(fleet, deployId), change);
    },
    finishDeploy: (fleet, deployId, end) =>
      changed(recordKeys.deploy(fleet, deployId), onlyIf(setFields({ ...end, stage: 'finished' }), 'attribute_exists(pk)')),
  };
}

/** The change of a target, made only if it is on record as the condition wants it. */
function withCondition(change: Change, { executionName, phases, notBegun, neverRolled }: TargetCondition): Change {
  const values: Record<string, unknown> = {};
  const value = (name: string, given: unknown) => {
    values[name] = given;
    return name;
  };
  const isOneOf = (some: readonly Phase[]) => `phase IN (${some.map((one, index) => value(`:phase${index}`, one)).join(', ')})`;
  const all = [
    'attribute_exists(pk)',
    ...(executionName === undefined ? [] : [`executionName = ${value(':execution', executionName)}`]),
    ...(phases === undefined ? [] : [isOneOf(phases)]),
    ...(notBegun === undefined ? [] : [`(executionName <> ${value(':next', notBegun)} OR phase = ${value(':waiting', 'waiting')})`]),
    ...(neverRolled ? ['attribute_not_exists(executionName)'] : []),
  ];
  return onlyIf(change, all.join(' AND '), values);
}

/** The change, which also adds an entry to the target's history unless that is full. */
function addPhase(change: Change, entered: EnteredPhase): Change {
  return {
    UpdateExpression: `${change.UpdateExpression}, #phases = list_append(if_not_exists(#phases, :none), :entered)`,
    ConditionExpression: `${change.ConditionExpression} AND (attribute_not_exists(#phases) OR size(#phases) < :most)`,
    ExpressionAttributeNames: { ...change.ExpressionAttributeNames, '#phases': 'phases' },
    ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':none': [], ':entered': [entered], ':most': MAX_PHASES },
  };
}
