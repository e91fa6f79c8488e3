/** What every command shares: `--json`, examples, and the options that choose a cloud. */
import type { Command } from 'commander';
import { fleetName, installationName, regionName } from './option-values.ts';
import type { Output } from './output.ts';

export interface Common {
  readonly fleet?: string;
  readonly json?: boolean;
  readonly region?: string;
  readonly installation?: string;
}

/** Runs a command's work with an output for people or for scripts. The work may return an exit code of its own. */
export type Run = (work: (output: Output) => Promise<number> | Promise<void>, json: boolean) => Promise<void>;

export function addCommand(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'print one line of JSON and nothing else on standard output')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ npx holdfast ${example}`).join('\n')}\n`);
}

export const withCloud = (command: Command): Command =>
  command
    .option('--fleet <name>', 'fleet (default: the local cloud\'s; on AWS "web")', fleetName)
    .option('--region <region>', 'AWS Region to use (default: the local cloud instead of AWS)', regionName)
    .option('--installation <name>', 'installation (default: "holdfast")', installationName);
