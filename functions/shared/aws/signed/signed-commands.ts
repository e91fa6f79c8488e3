import { type Environment, required } from '../../environment.ts';
import { type Commands, commandStateOf, type Invocation, sendCommandInput, stateUntilVisible } from '../commands.ts';
import { roleCredentials } from '../environment-credentials.ts';
import { type JsonService, jsonService } from './json-service.ts';
import { serviceUrl } from './service-url.ts';
import { CALL_LIMITS, signedCalls } from './signed-calls.ts';

/** X-Amz-Target of Systems Manager. */
export const SSM_TARGET = 'AmazonSSM';

/** Run Command by signed calls: the SDK's client of Systems Manager would be a sixth of a function. */
export const signedCommands = (ssm: JsonService): Commands => ({
  async send(order) {
    const { Command } = await ssm<{ Command?: { CommandId?: string } }>('SendCommand', sendCommandInput(order));
    return Command?.CommandId ?? '';
  },
  async describe(commandId, instanceId, step) {
    try {
      const input = { CommandId: commandId, InstanceId: instanceId, ...(step !== undefined && { PluginName: step }) };
      return commandStateOf(await ssm<Invocation>('GetCommandInvocation', input));
    } catch (error) {
      return stateUntilVisible(error);
    }
  },
});

/** Systems Manager, which has the fleets' parameters and runs commands on servers. @throws MissingEnvironment */
export function ssmFrom(environment: Environment): JsonService {
  const region = required(environment, 'AWS_REGION');
  const credentials = roleCredentials(environment);
  const signing = { service: 'ssm', region, url: serviceUrl('ssm', region, environment), credentials } as const;
  return jsonService(signedCalls(signing, CALL_LIMITS), SSM_TARGET, '1.1');
}
