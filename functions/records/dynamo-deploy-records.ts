import type { Expression } from './dynamo-calls.ts';
import { enteredPhase, MAX_PHASES } from './entered-phase.ts';
import { recordKeys } from './keys.ts';
import type { DeployRecords } from './records.ts';
import { latestFirst, type RecordsTable, readLatest, setFields } from './records-table.ts';
import type { DeployRecord, EnteredPhase, Phase, TargetCondition } from './types.ts';

const IF_EXISTS = { ConditionExpression: 'attribute_exists(pk)' };

/** Deploys in the records table. Each target's progress is a field of its own, because steps of several targets can run at once. */
export function dynamoDeployRecords(table: RecordsTable): DeployRecords {
  const change = (fleet: string, deployId: string, fields: object, path: readonly string[] = []) =>
    table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), { ...setFields(fields, path), ...IF_EXISTS });

  return {
    async createDeploy(deploy) {
      const { fleet, deployId, startedAtMs } = deploy;
      // The start first: readers skip a start without a record, but a record without a start would be in no list.
      await table.put(recordKeys.deployStart(fleet, startedAtMs, deployId), { deployId });
      await table.put(recordKeys.deploy(fleet, deployId), deploy, { ConditionExpression: 'attribute_not_exists(pk)' });
    },
    getDeploy: (fleet, deployId) => table.get<DeployRecord>(recordKeys.deploy(fleet, deployId)),
    async findDeploys(fleet, idPrefix) {
      const { pk, sk } = recordKeys.deploy(fleet, idPrefix);
      const deploys = await table.query<DeployRecord>(pk, sk);
      return deploys.sort(latestFirst);
    },
    latestDeploys(fleet, count) {
      const keyOf = ({ deployId }: { deployId: string }) => recordKeys.deploy(fleet, deployId);
      return readLatest(table, recordKeys.deployStarts(fleet), keyOf, count);
    },
    async updateDeploy(fleet, deployId, fields) {
      const unlessFinished = 'attribute_exists(pk) AND attribute_not_exists(finishedAtMs)';
      await table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), { ...setFields(fields), ConditionExpression: unlessFinished });
    },
    async recordFirstFailure(fleet, deployId, error) {
      const firstOfRunning = 'attribute_exists(pk) AND attribute_not_exists(finishedAtMs) AND attribute_not_exists(firstFailure)';
      await table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), {
        ...setFields({ firstFailure: error }),
        ConditionExpression: firstOfRunning,
      });
    },
    async planDeploy(fleet, deployId, plan) {
      const set = setFields(plan);
      await table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), {
        ...set,
        ConditionExpression: 'targets = :none',
        ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ':none': {} },
      });
    },
    async putTarget(fleet, deployId, instanceId, progress) {
      const { executionName } = progress;
      const set = setFields({ [instanceId]: progress }, ['targets']);
      const absent = 'attribute_exists(pk) AND attribute_not_exists(#p0.#f0)';
      const unlessBegun = `(attribute_not_exists(#p0.#f0.executionName) OR (#p0.#f0.executionName = :execution AND #p0.#f0.phase = :waiting))`;
      await table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), {
        ...set,
        ConditionExpression: executionName === undefined ? absent : `attribute_exists(pk) AND ${unlessBegun}`,
        ExpressionAttributeValues: {
          ...set.ExpressionAttributeValues,
          ...(executionName !== undefined && { ':execution': executionName, ':waiting': 'waiting' }),
        },
      });
    },
    async updateTarget(fleet, deployId, instanceId, progress, onlyIf = {}) {
      const key = recordKeys.deploy(fleet, deployId);
      const change = withCondition(setFields(progress, ['targets', instanceId]), onlyIf);
      const entered = enteredPhase(progress);
      if (entered && (await table.update<DeployRecord>(key, addPhase(change, entered)))) return true;
      // No phase is entered, the history is full, or the condition fails.
      return (await table.update<DeployRecord>(key, change)) !== undefined;
    },
    async claimCleanUp(fleet, deployId, claim, seen) {
      const set = setFields({ cleanUp: claim });
      const claimed = await table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), {
        ...set,
        ConditionExpression: seen ? 'cleanUp.executionArn = :seen' : 'attribute_exists(pk) AND attribute_not_exists(cleanUp)',
        ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ...(seen && { ':seen': seen.executionArn }) },
      });
      return claimed !== undefined;
    },
    async finishDeploy(fleet, deployId, end) {
      return (await change(fleet, deployId, { ...end, stage: 'finished' })) !== undefined;
    },
  };
}

type Change = Expression & { readonly UpdateExpression: string };

/** The change of a target (`#p0.#p1`), made only if it is on record as the condition wants it. */
function withCondition(change: Change, { executionName, phases, notBegun, neverRolled }: TargetCondition): Change {
  const values: Record<string, unknown> = {};
  const value = (name: string, given: unknown) => {
    values[name] = given;
    return name;
  };
  const execution = '#p0.#p1.executionName';
  const isOneOf = (some: readonly Phase[]) => `#p0.#p1.phase IN (${some.map((one, index) => value(`:phase${index}`, one)).join(', ')})`;
  const all = [
    'attribute_exists(#p0.#p1)',
    ...(executionName === undefined ? [] : [`${execution} = ${value(':execution', executionName)}`]),
    ...(phases === undefined ? [] : [isOneOf(phases)]),
    ...(notBegun === undefined ? [] : [`(${execution} <> ${value(':next', notBegun)} OR #p0.#p1.phase = ${value(':waiting', 'waiting')})`]),
    ...(neverRolled ? [`attribute_not_exists(${execution})`] : []),
  ];
  return {
    ...change,
    ConditionExpression: all.join(' AND '),
    ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ...values },
  };
}

/** The change, which also adds an entry to the target's history unless that is full. */
function addPhase(change: Change, entered: EnteredPhase): Change {
  return {
    UpdateExpression: `${change.UpdateExpression}, #p0.#p1.#phases = list_append(if_not_exists(#p0.#p1.#phases, :none), :entered)`,
    ConditionExpression: `${change.ConditionExpression} AND (attribute_not_exists(#p0.#p1.#phases) OR size(#p0.#p1.#phases) < :most)`,
    ExpressionAttributeNames: { ...change.ExpressionAttributeNames, '#phases': 'phases' },
    ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':none': [], ':entered': [entered], ':most': MAX_PHASES },
  };
}
