import { setTimeout as sleep } from 'node:timers/promises';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { recordKeys } from '../../records/keys.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createRunCommand } from '../../shared/aws/run-command.ts';
import { describeTargetHealth } from '../../shared/aws/target-group.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { runOnServers } from '../collect/collect-servers.ts';
import { fleetsFrom } from '../collect/fleets.ts';
import { LINES_ENV, type LinesReply, SHOW_LINES } from './contract.ts';
import { type LinesPorts, type Look, showLines } from './show-lines.ts';

const ssm = new SSMClient(CLIENT_OPTIONS);
const loadBalancing = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
let wired: Omit<LinesPorts, 'registered'> | undefined;

function wire(environment: Environment): Omit<LinesPorts, 'registered'> {
  const table = recordsTableFrom(environment);
  return {
    log: createLog('incidents-lines'),
    now: Date.now,
    fleet: required(environment, LINES_ENV.fleet),
    looks: {
      async begin(look: Look, untilMs) {
        const isFree = {
          ConditionExpression: 'attribute_not_exists(pk) OR untilMs < :now',
          ExpressionAttributeValues: { ':now': look.atMs },
        };
        if (!(await table.put(recordKeys.linesTurn(look.fleet), { requestedBy: look.requestedBy, untilMs }, isFree))) return false;
        return table.put(recordKeys.linesLook(look.atMs, look.fleet), look);
      },
      async end(fleet, untilMs) {
        const isOwn = { ConditionExpression: 'untilMs = :until', ExpressionAttributeValues: { ':until': untilMs } };
        await table.put(recordKeys.linesTurn(fleet), { untilMs: 0 }, isOwn);
      },
    },
    run: runOnServers({
      runCommand: createRunCommand(ssm),
      documentNames: { [SHOW_LINES.document]: required(environment, LINES_ENV.document) },
      now: Date.now,
      pause: (ms) => sleep(ms),
    }),
  };
}

export const handler = async (request: unknown): Promise<LinesReply> => {
  wired ??= wire(process.env);
  const { fleet } = wired;
  // The fleet's target group and members can change between two requests.
  const registered = async () => {
    const of = (await fleetsFrom(ssm, process.env))[fleet];
    return of === undefined ? [] : describeTargetHealth(loadBalancing, of.targetGroupArn, of.members);
  };
  return showLines({ ...wired, registered }, request);
};
