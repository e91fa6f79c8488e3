import { recordKeys } from './naming.ts';
import { enteredPhase, MOST_PHASES } from './phase-history.ts';
import type { DeployRecord, EnteredPhase } from './record-types.ts';
import type { DeployRecords } from './records.ts';
import { type Expression, type RecordsTable, setFields } from './records-table.ts';

const IF_EXISTS = { ConditionExpression: 'attribute_exists(pk)' };

/** Deploys in the records table. Progress of a target is written into its field alone, for steps of several may run at once. */
export function dynamoDeployRecords(table: RecordsTable): DeployRecords {
  const change = (fleet: string, deployId: string, fields: object, path: readonly string[] = []) =>
    table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), { ...setFields(fields, path), ...IF_EXISTS });

  const listDeploys = async (fleet: string) => {
    const { pk, sk } = recordKeys.deploy(fleet, '');
    const deploys = await table.query<DeployRecord>(pk, sk);
    return deploys.sort((a, b) => b.startedAtMs - a.startedAtMs);
  };

  return {
    async createDeploy(deploy) {
      await table.put(recordKeys.deploy(deploy.fleet, deploy.deployId), deploy, { ConditionExpression: 'attribute_not_exists(pk)' });
    },
    getDeploy: (fleet, deployId) => table.get<DeployRecord>(recordKeys.deploy(fleet, deployId)),
    listDeploys,
    latestDeploy: async (fleet) => (await listDeploys(fleet))[0],
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
