/** Runs a document on a server, and waits for its end. */
import { classifyAwsError } from '../../shared/aws/classify-aws-error.ts';
import type { CommandState, Commands } from '../../shared/aws/commands.ts';
import type { Pause } from '../../shared/poll.ts';

export interface RunPorts {
  readonly runCommand: Commands;
  /** Physical names of the documents. */
  readonly documentNames: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly pause: Pause;
}

export interface DocumentRun {
  readonly instanceId: string;
  readonly document: { readonly document: string; readonly step: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly comment: string;
  readonly untilMs: number;
  /** Between two questions about the command. @default half a second */
  readonly pauseMs?: number;
}

export type EndedCommand = Exclude<CommandState, { state: 'running' }> & { readonly commandId: string };
/** @returns how it ended; a sentence where it did not in time @throws the SDK's errors */
export type ServerRun = (run: DocumentRun) => Promise<EndedCommand | string>;

const LEAST_PAUSE_MS = 500;
/** After a refusal for the rate of calls. */
const THROTTLED_PAUSE_MS = 4_000;

export const runOnServers =
  ({ runCommand, documentNames, now, pause }: RunPorts): ServerRun =>
  async ({ instanceId, document: { document, step }, parameters, comment, untilMs, pauseMs = LEAST_PAUSE_MS }) => {
    const askedMs = now();
    const documentName = documentNames[document] ?? '';
    const commandId = await runCommand.send({ documentName, instanceId, parameters: { ...parameters }, comment });
    for (;;) {
      const command = await runCommand.describe(commandId, instanceId, step).catch(stillRunning);
      if (command.state !== 'running') return { ...command, commandId };
      const waitMs = command === THROTTLED ? THROTTLED_PAUSE_MS : pauseMs;
      if (now() + waitMs > untilMs) {
        // It changes nothing, and ends by itself. Who may cancel a command may cancel every other one too: an install in the middle.
        const why = command.undelivered ? 'its agent did not fetch the command' : 'its logs were not read';
        return `${why} within ${Math.round((untilMs - askedMs) / 1000)} s`;
      }
      await pause(waitMs);
    }
  };

const THROTTLED: CommandState = { state: 'running' };

/** The command runs on when a question about it is throttled. @throws any error that another question does not end */
function stillRunning(error: unknown): CommandState {
  if (classifyAwsError(error) === 'transient') return THROTTLED;
  throw error;
}
