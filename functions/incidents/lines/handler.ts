import { setTimeout as sleep } from 'node:timers/promises';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { recordKeys } from '../../records/keys.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { signedCommands } from '../../shared/aws/signed/signed-commands.ts';
import { ssmFrom } from '../../shared/aws/signed/ssm-from.ts';
import { describeTargetHealth } from '../../shared/aws/target-group.ts';
import { identifyPortsFrom } from '../../shared/caller/verify-request.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { fleetsFrom } from '../collect/read-fleets.ts';
import { runOnServers } from '../collect/run-on-server.ts';
import { INCIDENTS_ENV } from '../contract/steps.ts';
import { type LinesReply, SHOW_LINES, SHOW_LINES_ENV } from './contract.ts';
import { type LinesPorts, type Look, showLines } from './show-lines.ts';

let ports: Promise<LinesPorts> | undefined;

async function wire(environment: Environment): Promise<LinesPorts> {
  const loadBalancing = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const table = recordsTableFrom(environment);
  const fleets = await fleetsFrom(environment);
  return {
    ...identifyPortsFrom(environment),
    log: createLog('incidents-lines'),
    installation: required(environment, INCIDENTS_ENV.installation),
    fleets: Object.keys(fleets),
    serversOf: async (name) => {
      const fleet = fleets[name];
      return fleet === undefined ? [] : describeTargetHealth(loadBalancing, fleet.targetGroupArn, fleet.members);
    },
    looks: {
      async begin(look: Look, untilMs) {
        const key = recordKeys.linesTurn(look.fleet);
        const isFree = {
          ConditionExpression: 'attribute_not_exists(pk) OR untilMs < :now',
          ExpressionAttributeValues: { ':now': look.atMs },
        };
        if (!(await table.put(key, { requestedBy: look.requestedBy, untilMs }, isFree))) return false;
        return table.put(recordKeys.linesLook(look.atMs, look.fleet), look);
      },
      async end(fleet, untilMs) {
        const isOwn = { ConditionExpression: 'untilMs = :until', ExpressionAttributeValues: { ':until': untilMs } };
        await table.put(recordKeys.linesTurn(fleet), { untilMs: 0 }, isOwn);
      },
    },
    run: runOnServers({
      runCommand: signedCommands(ssmFrom(environment)),
      documentNames: { [SHOW_LINES.document]: required(environment, SHOW_LINES_ENV) },
      now: Date.now,
      pause: (ms) => sleep(ms),
    }),
  };
}

export const handler = async (request: unknown, context: { readonly invokedFunctionArn: string }): Promise<LinesReply> => {
  ports ??= wire(process.env).catch((error: unknown) => {
    ports = undefined;
    throw error;
  });
  return showLines(await ports, context.invokedFunctionArn.split(':')[4] ?? '', request);
};
