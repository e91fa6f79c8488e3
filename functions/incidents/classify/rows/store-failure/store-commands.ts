import type { Place } from '../../row.ts';

/** What shows the state of the store, first as Holdfast sees it and then as AWS does. */
export const storeCommands = ({ region, replicationGroupId }: Place, options: string): readonly string[] => [
  `See the store as Holdfast does: \`npx holdfast store ${options}\`.`,
  ...(replicationGroupId
    ? [
        `See its nodes: \`aws elasticache describe-replication-groups --region ${region} --replication-group-id ${replicationGroupId}\`.`,
        `See what happened to them: \`aws elasticache describe-events --region ${region} --source-type replication-group --source-identifier ${replicationGroupId} --duration 120\`.`,
      ]
    : []),
];
