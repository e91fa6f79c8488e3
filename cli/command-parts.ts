/** What every command shares: `--json`, examples, and the options that choose a cloud. */
import type { Command } from 'commander';
import { holdfast } from '../functions/shared/command-options.ts';
import { IS_PACKAGE } from '../infra/own-files.ts';
import type { CloudOptions } from './cloud.ts';
import { fleetName, installationName, regionName, whole } from './option-values.ts';
import type { Output } from './output.ts';

export interface Common {
  readonly fleet?: string;
  readonly json?: boolean;
  readonly region?: string;
  readonly installation?: string;
  readonly config?: string;
  readonly yes?: boolean;
}

/** Runs a command's work with an output for people or for scripts. The work may return an exit code of its own. */
export type Run = (work: (output: Output) => Promise<number> | Promise<void>, json: boolean) => Promise<void>;

/** Options by which some commands choose their work. */
interface Choosing extends Common {
  readonly dryRun?: boolean;
  readonly names?: boolean | string;
  readonly fromFleet?: string;
}
type Work = (...given: never[]) => Promise<number> | Promise<void>;

/**
 * A command's action: its work, which is loaded when it runs, with its arguments, its options and the output. Its parent has options of the
 * same names, and commander may give a value to either.
 */
export const actionOf =
  (run: Run, load: (options: Choosing) => Promise<Work>) =>
  (...given: unknown[]): Promise<void> => {
    const options = (given.at(-1) as Command).optsWithGlobals<Choosing>();
    const work = async (output: Output) => (await load(options))(...([...given.slice(0, -2), options, output] as never[]));
    return run(work as (output: Output) => Promise<number>, options.json ?? false);
  };

export function addCommand(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'print one line of JSON and nothing else on standard output')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${holdfast(example)}`).join('\n')}\n`);
}

/** In a checkout only --region leads to AWS. */
const withOwnDefaults = (command: Command): Command =>
  IS_PACKAGE
    ? command.option(
        '--config <file>',
        'configuration that names Region, installation and fleet (default: the nearest holdfast.config.json)',
      )
    : command;

/** For a command that changes something. */
export const withChange = (command: Command): Command =>
  withCloud(command).option('--yes', 'do not ask before anything is changed, on a terminal');

/** For a list, newest first, of at most `most`. */
export const withLimit = (command: Command, what: string, most: number): Command =>
  withCloud(command).option('--limit <number>', `maximum number of ${what} to list`, whole('--limit', 1, most), 20);

export interface ListOptions extends CloudOptions {
  readonly limit: number;
}

export const withCloud = (command: Command): Command =>
  withOwnDefaults(command)
    .option('--fleet <name>', IS_PACKAGE ? 'fleet (default: the only one)' : 'fleet (default: the local cloud\'s; on AWS "web")', fleetName)
    .option(
      '--region <region>',
      IS_PACKAGE
        ? "AWS Region (default: HOLDFAST_REGION, the configuration's, then AWS_REGION)"
        : 'AWS Region to use (default: the local cloud instead of AWS)',
      regionName,
    )
    .option('--installation <name>', 'installation (default: "holdfast")', installationName);
