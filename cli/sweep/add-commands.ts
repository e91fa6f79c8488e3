/** The commands that start, list and show sweeps of the session store. */
import { type Command, Option } from 'commander';
import { LIFE_CHANGES } from '../../functions/sweep/contract/tally.ts';
import { actionOf, addCommand, type Run, withChange, withCloud, withLimit } from '../command-parts.ts';
import { policyOption, sweepId, whole } from '../option-values.ts';

const EXIT_CODES = `
Exit codes:
  0  the sweep succeeded
  1  the sweep failed
  2  invalid input; nothing was changed
  3  no cloud, or the credentials do not allow it; nothing was changed
  4  the sweep succeeded, and left a decision to you: the output names the setting; or a dialect of the configuration
     takes no session, or no key is one below the prefixes of store.sessions
  5  of a dry run: a dialect of the configuration takes keys of other programs
  7  another sweep of the store is running; nothing was changed
`;

export function addSweep(program: Command, run: Run): void {
  const description = 'Find keys without a TTL in the session store and repair them; Ctrl-C leaves the sweep running.';
  const examples = [
    'sweep --dry-run',
    'sweep --policy expire --json',
    'sweep --policy connect-redis=delete --region us-east-1',
    'sweep --lives raise --dry-run',
    'sweep --learn',
  ];
  withChange(addCommand(program, 'sweep', description, examples))
    .option('--dry-run', 'change nothing and report what would be changed')
    .addOption(
      new Option(
        '--learn',
        'change nothing; group keys that no known framework writes, and print what to set for those that are sessions',
      ).conflicts(['policy', 'lives', 'reconcile']),
    )
    .option('--full', 'read every key, also where the counters of the store show nothing to do')
    .addOption(
      new Option(
        '--policy <policy>',
        'what to do with keys without a TTL: report, expire or delete, or a policy per dialect (default: the configuration)',
      ).argParser(policyOption),
    )
    .addOption(
      new Option(
        '--lives <change>',
        'change the TTL of sessions that have one instead: raise those that end too soon, or shorten anonymous ones',
      )
        .choices(LIFE_CHANGES)
        .conflicts(['policy', 'reconcile', 'sampleEvery']),
    )
    .addOption(new Option('--pace <pace>', 'load on the store (default: the configuration)').choices(['fast', 'gentle']))
    .option('--reconcile', "remove members of Spring's principal index whose session no longer exists")
    .option(
      '--sample-every <number>',
      'measure the size of one in <number> keys with a TTL (default: the configuration)',
      whole('--sample-every', 1, 100_000),
    )
    .addHelpText('after', EXIT_CODES)
    .action(actionOf(run, async () => (await import('./sweep.ts')).sweep));
}

export function addSweeps(program: Command, run: Run): void {
  const description = 'List the sweeps of the session store, newest first.';
  const sweeps = withLimit(
    addCommand(program, 'sweeps', description, ['sweeps', 'sweeps --limit 100 --json --region us-east-1']),
    'sweeps',
    10_000,
  ).action(actionOf(run, async () => (await import('./sweeps.ts')).list));
  withCloud(
    addCommand(sweeps, 'show', 'Show one sweep: what it found, by dialect and size.', [
      'sweeps show 7a51fb7e',
      'sweeps show 7a51fb7e --region us-east-1',
    ]),
  )
    .argument('<id>', 'the sweep\'s id or its first characters, as "sweeps" lists it', sweepId)
    .action(actionOf(run, async () => (await import('./sweeps.ts')).show));
}
