/** Run Command's operations. */
import { z } from 'zod';
import { page } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { type CommandRecord, commandStatus } from './command-record.ts';
import type { CommandRunner } from './command-runner.ts';
import { describeCommand, describeInvocation, listInvocation, passes } from './describe-command.ts';
import { pageInput, parseInput } from './input.ts';
import { prepareCommand, type SendContext } from './send-command.ts';

/** Commands remembered; AWS keeps them for 30 days. */
const MOST_COMMANDS = 5_000;
const listInput = pageInput.extend({
  CommandId: z.string().optional(),
  InstanceId: z.string().optional(),
  Filters: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  Details: z.boolean().default(false),
});
const invocationInput = z.object({ CommandId: z.string(), InstanceId: z.string(), PluginName: z.string().optional() });

export function commandOperations(
  context: SendContext,
  runner: CommandRunner,
  commands: Map<string, CommandRecord>,
): Record<string, Operation> {
  const find = (commandId: string): CommandRecord => {
    const record = commands.get(commandId);
    if (record === undefined) throw new AwsError('InvalidCommandId', `The command ID ${commandId} is not valid.`);
    return record;
  };
  /** Newest first. @throws AwsError InvalidCommandId */
  const chosen = (commandId: string | undefined): CommandRecord[] =>
    commandId === undefined ? [...commands.values()].reverse() : [find(commandId)];

  return {
    SendCommand(input) {
      const record = prepareCommand(input, context);
      const oldest = commands.keys().next().value;
      if (commands.size >= MOST_COMMANDS && oldest !== undefined) commands.delete(oldest);
      commands.set(record.commandId, record);
      const reply = { Command: describeCommand(record) };
      runner.start(record);
      return reply;
    },
    GetCommandInvocation(input) {
      const { CommandId, InstanceId, PluginName } = parseInput(invocationInput, input);
      const record = commands.get(CommandId);
      const invocation = record?.invocations.find(({ instanceId }) => instanceId === InstanceId);
      if (record === undefined || invocation === undefined || performance.now() < record.visibleFrom) {
        throw new AwsError('InvocationDoesNotExist', 'The command ID and managed node ID you specified did not match any invocations.');
      }
      return describeInvocation(record, invocation, PluginName);
    },
    ListCommands(input) {
      const { CommandId, InstanceId, MaxResults, NextToken, Filters } = parseInput(listInput, input);
      const found = chosen(CommandId)
        .filter(({ invocations }) => InstanceId === undefined || invocations.some(({ instanceId }) => instanceId === InstanceId))
        .filter((record) => passes(record, commandStatus(record).status, Filters));
      const { items, nextToken } = page(found, NextToken, MaxResults);
      return { Commands: items.map(describeCommand), ...nextToken };
    },
    ListCommandInvocations(input) {
      const { CommandId, InstanceId, MaxResults, NextToken, Filters, Details } = parseInput(listInput, input);
      const found = chosen(CommandId).flatMap((record) =>
        record.invocations
          .filter(({ instanceId, status }) => (InstanceId === undefined || instanceId === InstanceId) && passes(record, status, Filters))
          .map((invocation) => listInvocation(record, invocation, Details)),
      );
      const { items, nextToken } = page(found, NextToken, MaxResults);
      return { CommandInvocations: items, ...nextToken };
    },
    async CancelCommand(input) {
      const { CommandId, InstanceIds } = parseInput(
        z.object({ CommandId: z.string(), InstanceIds: z.array(z.string()).default([]) }),
        input,
      );
      const record = find(CommandId);
      const unknown = InstanceIds.filter((id) => !record.invocations.some(({ instanceId }) => instanceId === id));
      if (unknown.length > 0) throw new AwsError('InvalidInstanceId', `Instances [[${unknown.join(', ')}]] are not part of the command.`);
      const wanted = record.invocations.filter(({ instanceId }) => InstanceIds.length === 0 || InstanceIds.includes(instanceId));
      await Promise.all(wanted.map((invocation) => runner.cancel(record, invocation)));
      return {};
    },
  };
}
