import type { Command } from 'commander';
import { actionOf, addCommand, type Run } from '../command-parts.ts';
import { extraChecks, failingSeverity, regionName } from '../option-values.ts';

export function addCanary(program: Command, run: Run): void {
  const description = 'Examine the sessions of a site from outside, on any server, with the logins of two users that a recipe describes.';
  addCommand(program, 'canary', description, [
    'canary https://shop.example.com/ --login recipe.json',
    'canary https://shop.example.com/ --login recipe.json --dry-run',
    'canary https://shop.example.com/ --login recipe.json --with race,samples --json',
    'canary https://shop.example.com/ --login recipe.json --fail-on error',
    'canary https://shop.example.com/ --login recipe.json --verbose',
  ])
    .argument('<url>', 'address of the site')
    .requiredOption('--login <recipe>', 'file with the recipe, described in docs/canary.md')
    .option('--with <checks>', 'more checks: race (ten logins at once), samples (up to 100 more ids)', extraChecks)
    .option('--dry-run', 'print what would be checked; send nothing')
    .option('--verbose', 'print each request of the controls: status, where it leads, names of cookies; nothing secret')
    .option('--region <region>', 'AWS Region of the secrets with the passwords (default: that of the environment)', regionName)
    .option('--fail-on <severity>', 'least severity that fails the command: warning or error (default: warning)', failingSeverity)
    .addHelpText(
      'after',
      `
Exit codes:
  0  nothing worse than a notice
  1  the recipe does not work: nothing is known about the site
  2  invalid input
  4  warnings, or a check that something got in the way of (0 with --fail-on error)
  5  errors
`,
    )
    .action(actionOf(run, async () => (await import('./canary.ts')).canary));
}
