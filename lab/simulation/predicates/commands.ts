import type { Watcher } from '../cloud/contracts.ts';
import type { Call } from '../seam/call.ts';
import type { StepPayload } from './calls.ts';
import type { View } from './view.ts';

/** A clean-up waits this long for a command whose agent is gone: LONGEST_COMMAND_MS of functions/deploy/clean-up. */
const GIVEN_UP_MS = 900_000;

/** F4 at the end of each clean-up: what its deploy has sent has ended, or its agent has been silent for too long. */
export class Commands {
  private readonly view: View;
  private readonly broken: (text: string) => void;
  private readonly sent = new Map<string, { readonly token: number; readonly atMs: number }>();

  constructor(view: View, broken: (text: string) => void) {
    this.view = view;
    this.broken = broken;
  }

  effect({ operation, invocation }: Call, output: object): void {
    if (operation !== 'SendCommand') return;
    const token = (invocation.payload as StepPayload).lease?.fencingToken;
    const { Command } = output as { readonly Command?: { readonly CommandId?: string } };
    if (token !== undefined && Command?.CommandId !== undefined) this.sent.set(Command.CommandId, { token, atMs: this.view.now() });
  }

  executionEnded({ machine, executionArn, status }: Parameters<NonNullable<Watcher['executionEnded']>>[0]): void {
    if (machine !== 'cleanUp' || status !== 'SUCCEEDED') return;
    // One that found nothing to do has not claimed the deploy: another one comes.
    if (!this.view.deploys().some(({ cleanUp }) => cleanUp?.executionArn === executionArn)) return;
    // One that came second has left the work to the first, which waits for the commands.
    const others = this.view.runningExecutions().filter((one) => one.machine === 'cleanUp' && one.executionArn !== executionArn);
    if (others.length > 0) return;
    const newest = this.view.lock()?.fencingToken ?? 0;
    const onRecord = new Set(this.view.deploys().flatMap(({ targets }) => Object.values(targets).map(({ commandId }) => commandId)));
    for (const { commandId, documentName, listed } of this.view.pendingCommands()) {
      // The answer to SendCommand was lost, and no agent has fetched it: nobody can know of it. The server's token stops it.
      if (!listed && !onRecord.has(commandId)) continue;
      const sent = this.sent.get(commandId);
      if (sent === undefined || sent.token >= newest || this.view.now() - sent.atMs > GIVEN_UP_MS) continue;
      this.broken(`the clean-up has ended, and command ${commandId} of ${documentName} with token ${sent.token} is pending`);
    }
  }
}
