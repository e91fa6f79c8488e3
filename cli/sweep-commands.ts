/** The commands that start, list and show sweeps of the session store. */
import { type Command, Option } from 'commander';
import { addCommand, type Common, type Run, withCloud } from './command-parts.ts';
import type { SweepOptions } from './commands/sweep.ts';
import type { ListOptions } from './commands/sweeps.ts';
import { sweepId, whole } from './option-values.ts';
import { policyOption } from './policy-option.ts';

const EXIT_CODES = `
Exit codes: 0 the store was swept; 1 the sweep failed; 2 bad input, nothing was started; 3 no cloud to talk to; 7 another
sweep goes through the store, nothing was changed.
`;

export function addSweep(program: Command, run: Run): void {
  const description = 'Find keys of the session store that never expire, and mend them. Ctrl-C leaves the sweep running.';
  const examples = ['sweep --dry-run', 'sweep --policy expire --json', 'sweep --policy connect-redis=delete --region eu-west-1'];
  withCloud(addCommand(program, 'sweep', description, examples))
    .option('--dry-run', 'go the same way up to the write, and say what would change')
    .addOption(
      new Option('--policy <policy>', 'report, expire or delete, or one by dialect (default: the configuration)').argParser(policyOption),
    )
    .addOption(new Option('--pace <pace>', 'how hard it goes (default: the configuration)').choices(['fast', 'gentle']))
    .option('--reconcile', "take members out of Spring's principal index whose session is gone")
    .option('--sample-every <number>', 'weigh one in so many keys that expire; 1 weighs all', whole('--sample-every', 1, 100_000))
    .addHelpText('after', EXIT_CODES)
    .action((options: Common & SweepOptions) =>
      run(async (output) => (await import('./commands/sweep.ts')).sweep(options, output), options.json ?? false),
    );
}

export function addSweeps(program: Command, run: Run): void {
  const description = 'List the sweeps of the session store, latest first: when, how long, what was found and mended.';
  const sweeps = withCloud(addCommand(program, 'sweeps', description, ['sweeps', 'sweeps --limit 100 --json']))
    .option('--limit <number>', 'so many (default: 20)', whole('--limit', 1, 10_000))
    .action((options: Common & ListOptions) =>
      run(async (output) => (await import('./commands/sweeps.ts')).list(options, output), options.json ?? false),
    );
  withCloud(addCommand(sweeps, 'show', 'Show one sweep in full: what it found by dialect, age and size.', ['sweeps show 7a51fb7e']))
    .argument('<id>', "the sweep's id, or the beginning of it", sweepId)
    .action((id: string, _options: Common, self: Command) => {
      const options = self.optsWithGlobals<Common>();
      return run(async (output) => (await import('./commands/sweeps.ts')).show(id, options, output), options.json ?? false);
    });
}
