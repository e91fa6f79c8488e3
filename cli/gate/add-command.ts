import type { Command } from 'commander';
import { actionOf, addCommand, type Run } from '../command-parts.ts';
import { regionName } from '../option-values.ts';

export function addGate(program: Command, run: Run): void {
  const description = "Try whether two releases of a site keep each other's sessions, before users move: with the logins of two users.";
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  addCommand(program, 'gate', description, [
    'gate --old https://shop.example.com/ --new https://shop.example.com:8443/ --recipe recipe.json',
    'gate --old https://shop.example.com/ --new https://shop.example.com/ --new-header "x-release: next" --recipe recipe.json',
    'gate --old https://shop.example.com/ --new https://shop.example.com:8443/ --resolve shop.example.com:10.0.3.7 --recipe recipe.json --json',
  ])
    .requiredOption('--old <url>', 'address of the site with the release that users have')
    .requiredOption('--new <url>', 'address of the site with the release that comes')
    .requiredOption('--recipe <file>', 'file with the recipe, described in docs/gate.md')
    .option('--old-header <header>', '"name: value" that chooses the old release', collect)
    .option('--new-header <header>', '"name: value" that chooses the new release', collect)
    .option('--resolve <host:address>', 'address or name to connect to in the place of a host, for both releases', collect)
    .option('--region <region>', 'AWS Region of the secrets with the passwords (default: that of the environment)', regionName)
    .addHelpText(
      'after',
      `
Exit codes:
  0  compatible
  1  failed
  2  invalid input, or no recipe: nothing was sent
  4  not checked: something got in the way, and nothing is known
  5  incompatible: users would be logged out
`,
    )
    .action(actionOf(run, async () => (await import('./gate.ts')).gate));
}
