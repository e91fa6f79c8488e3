/** What commands are built of. */
import type { Command } from 'commander';
import { fleetName, installationName, regionName } from './option-values.ts';
import type { Output } from './output.ts';

export interface Common {
  readonly fleet?: string;
  readonly json?: boolean;
  readonly region?: string;
  readonly installation?: string;
}

/** Runs a command's work with an output of the kind that was asked for. The work may give an exit code of its own. */
export type Run = (work: (output: Output) => Promise<number> | Promise<void>, json: boolean) => Promise<void>;

export function addCommand(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'print exactly one line of JSON on standard output')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ npx holdfast ${example}`).join('\n')}\n`);
}

export const withCloud = (command: Command): Command =>
  command
    .option('--fleet <name>', 'the fleet (default: the local one, on AWS web)', fleetName)
    .option('--region <region>', 'talk to AWS in this Region; without it, to the local cloud that is up', regionName)
    .option('--installation <name>', 'the installation (default: holdfast)', installationName);
