import { recordKeys } from './naming.ts';
import type { DeployRecord } from './record-types.ts';
import type { DeployRecords } from './records.ts';
import { type RecordsTable, setFields } from './records-table.ts';

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
      await table.update<DeployRecord>(recordKeys.deploy(fleet, deployId), {
        ...setFields(progress, ['targets', instanceId]),
        ConditionExpression: 'attribute_exists(#p0.#p1)',
      });
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
