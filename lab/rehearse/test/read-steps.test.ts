import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FleetWithGroup } from '../../../infra/config/fleet.ts';
import { readConfig } from '../../../infra/config.ts';
import { CHECKS } from '../checks.ts';
import { commandLine } from '../command-line.ts';
import { parseOptions } from '../options.ts';
import { costsMoney, readSteps } from '../read-steps.ts';

const page = readFileSync('docs/install-new.md', 'utf8');
const steps = readSteps(page);
const programs = { node: 'node', python: 'python', assembly: 'out', local: true };
const variables = { REGION: 'eu-west-1', ACCOUNT: '123456789012', CONFIG: 'a.json', LAST_CONFIG: 'b.json', RELEASES: 'releases' };

describe('docs/install-new.md', () => {
  it('has commands, costs and an undo in each step, from an empty account to nothing', () => {
    expect(steps.length).toBeGreaterThan(9);
    expect(steps.at(-1)?.commands.at(-1)).toEqual(expect.arrayContaining(['destroy', '--all']));
  });

  it('has only commands that the rehearsal can run, with variables that it sets', () => {
    for (const { commands } of steps)
      for (const words of commands) expect(commandLine(words, variables, programs).args.join(' ')).not.toContain('$');
  });

  it('numbers its steps', () => {
    expect([...page.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number))).toEqual(steps.map((_, index) => index + 1));
  });

  it('asks before what costs money: bootstrap, the stacks and the deploys', () => {
    expect(steps.filter(costsMoney).map(({ name }) => name)).toEqual([
      'Bootstrap the account',
      'Deploy the stacks',
      'Deploy the first release',
      'Deploy the next release',
    ]);
  });

  it('has the steps whose outcome is checked', () => {
    expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(CHECKS)));
  });

  it('can deploy a second time: enough servers stay healthy while one is out', () => {
    const { minCapacity, deploy } = readConfig('examples/first-day/holdfast.config.json').fleets['web'] as FleetWithGroup;
    expect(minCapacity - 1).toBeGreaterThanOrEqual(deploy.minimumHealthyTargets);
  });

  it('ends with the configuration that it began with, without protection', () => {
    const read = (name: string) => JSON.parse(readFileSync(`examples/first-day/${name}.config.json`, 'utf8')) as object;
    expect(read('back-to-nothing')).toEqual({ ...read('holdfast'), retention: 'ephemeral' });
  });
});

describe('readSteps', () => {
  it('reads lines, quotes, comments and continued lines as a shell would', () => {
    const [step] = readSteps(
      '## 1. One\n\n```sh\n# first\naws a \\\n  --query "b c"   # why\n```\n\n- Costs: nothing.\n- Undo: nothing.\n',
    );
    expect(step?.commands).toEqual([['aws', 'a', '--query', 'b c']]);
  });

  it('names a step that does not say what it costs', () => {
    expect(() => readSteps('## 1. One\n\n```sh\naws a\n```\n\n- Undo: nothing.\n')).toThrow('the step "One" lacks');
  });
});

describe('commandLine', () => {
  it('leaves the Region out for the local cloud, which commands use without it, and keeps it on AWS', () => {
    const words = ['./holdfast', 'deploy', '1.0.0', '--region', '$REGION', '--wait'];
    expect(commandLine(words, variables, programs).args.slice(1)).toEqual(['deploy', '1.0.0', '--wait']);
    expect(commandLine(words, variables, { ...programs, local: false }).args.slice(1)).toEqual([
      'deploy',
      '1.0.0',
      '--region',
      'eu-west-1',
      '--wait',
    ]);
  });

  it.each([
    [['npx', 'holdfast', 'status'], 'knows node, aws, npx --no cdk and ./holdfast only'],
    [['rm', '-rf', '/'], 'knows node, aws, npx --no cdk and ./holdfast only'],
    [['aws', '$UNKNOWN'], 'uses $UNKNOWN, which the rehearsal does not set'],
  ])('refuses %j', (words, message) => {
    expect(() => commandLine(words, variables, programs)).toThrow(message);
  });
});

describe('parseOptions', () => {
  it('is local and asks nothing by default', () => {
    expect(parseOptions(['--json'], false)).toEqual({ yes: false, json: true });
  });

  it.each([
    [['--region', 'moon'], true, '"moon" is not a Region'],
    [['--region', 'eu-west-1'], false, 'no terminal to ask in'],
    [['--yes'], true, '--yes applies to --region only'],
    [['--regio', 'x'], true, '--regio'],
  ])('refuses %j', (args, interactive, message) => {
    expect(() => parseOptions(args, interactive)).toThrow(message);
  });
});
