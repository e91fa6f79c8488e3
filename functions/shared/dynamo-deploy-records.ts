import { recordKeys } from './naming.ts';
import { enteredPhase, MOST_PHASES } from './phase-history.ts';
import type { DeployRecord, EnteredPhase } from './record-types.ts';
import type { DeployRecords } from './records.ts';
import { type Expression, type RecordsTable, setFields } from './records-table.ts';

/** Records that DynamoDB gives in one answer. */
const MOST_AT_ONCE = 100;

const IF_EXISTS = { ConditionExpression: 'attribute_exists(pk)' };

/** Deploys in the records table. Progress of a target is written into its field alone, for steps of several may run at once. */
export function dynamoDeployRecords(table: RecordsTable): DeployRecords {
  const change = (fleet: string, deployId: string, fields: object, path: readonly string[] = []) =>
    table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), { ...setFields(fields, path), ...IF_EXISTS });

  return {
    async createDeploy(deploy) {
      const { fleet, deployId, startedAtMs } = deploy;
      // First: a start without a record is passed over, a record without a start would be in no list of the latest.
      await table.put(recordKeys.deployStart(fleet, startedAtMs, deployId), { deployId });
      await table.put(recordKeys.deploy(fleet, deployId), deploy, { ConditionExpression: 'attribute_not_exists(pk)' });
    },
    getDeploy: (fleet, deployId) => table.get<DeployRecord>(recordKeys.deploy(fleet, deployId)),
    async listDeploys(fleet, idsFrom = '') {
      const { pk, sk } = recordKeys.deploy(fleet, idsFrom);
      const deploys = await table.query<DeployRecord>(pk, sk);
      return deploys.sort(latestFirst);
    },
    async latestDeploys(fleet, count) {
      const { pk, sk } = recordKeys.deployStarts(fleet);
      const found: DeployRecord[] = [];
      for await (const starts of table.queryBackwards<{ deployId: string }>(pk, sk, Math.min(count, MOST_AT_ONCE))) {
        found.push(...(await table.getEach<DeployRecord>(starts.map(({ deployId }) => recordKeys.deploy(fleet, deployId)))));
        if (found.length >= count) break;
      }
      return found.sort(latestFirst).slice(0, count);
    },
    async updateDeploy(fleet, deployId, fields) {
      await change(fleet, deployId, fields);
    },
    async putTarget(fleet, deployId, instanceId, progress) {
      await change(fleet, deployId, { [instanceId]: progress }, ['targets']);
    },
    async updateTarget(fleet, deployId, instanceId, progress) {
      const key = recordKeys.deploy(fleet, deployId);
      const change = { ...setFields(progress, ['targets', instanceId]), ConditionExpression: 'attribute_exists(#p0.#p1)' };
      const entered = enteredPhase(progress);
      if (entered && (await table.update<DeployRecord>(key, addPhase(change, entered)))) return;
      // Nothing is entered, the history is full, or there is no such target.
      await table.update<DeployRecord>(key, change);
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

const latestFirst = (a: DeployRecord, b: DeployRecord): number => b.startedAtMs - a.startedAtMs;

type Change = Expression & { readonly UpdateExpression: string };

/** The change of a target with an entry more in its history, unless that is full. */
function addPhase(change: Change, entered: EnteredPhase): Change {
  return {
    UpdateExpression: `${change.UpdateExpression}, #p0.#p1.#phases = list_append(if_not_exists(#p0.#p1.#phases, :none), :entered)`,
    ConditionExpression: `${change.ConditionExpression} AND (attribute_not_exists(#p0.#p1.#phases) OR size(#p0.#p1.#phases) < :most)`,
    ExpressionAttributeNames: { ...change.ExpressionAttributeNames, '#phases': 'phases' },
    ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':none': [], ':entered': [entered], ':most': MOST_PHASES },
  };
}
