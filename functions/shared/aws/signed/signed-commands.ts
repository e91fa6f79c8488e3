import { type Commands, commandStateOf, type Invocation, sendCommandInput, stateUntilVisible } from '../commands.ts';
import type { JsonService } from './json-service.ts';

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
