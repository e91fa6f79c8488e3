import type { CommandOrder, CommandState } from '../../../functions/shared/aws/commands.ts';
import type { RunCommand } from '../../../functions/shared/aws/run-command.ts';

/** Run Command whose every command answers what `answer` was last given. */
export function fakeRunCommand(): RunCommand & {
  readonly sent: CommandOrder[];
  readonly cancelled: string[];
  answer(output: object | CommandState): void;
} {
  const sent: CommandOrder[] = [];
  const cancelled: string[] = [];
  let next: CommandState = { state: 'running' };
  return {
    sent,
    cancelled,
    answer(output) {
      next =
        'state' in output
          ? (output as CommandState)
          : { state: 'succeeded', statusDetails: 'Success', output: `${JSON.stringify(output)}\n`, errorOutput: '' };
    },
    async send(order) {
      sent.push(order);
      return `command-${sent.length}`;
    },
    describe: async () => next,
    latestVersion: async (documentName) => `latest-${documentName}`,
    async cancel(commandId) {
      cancelled.push(commandId);
    },
  };
}
