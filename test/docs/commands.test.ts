/** Commands that messages and the runbook print work as they are on AWS: they carry Region, fleet and installation. */
import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandOptions } from '../../functions/shared/command-options.ts';
import { REPOSITORY } from '../infra/synthesized.ts';
import { readRunbook, runbookPages } from '../runbook.ts';

const COMMAND = /\bholdfast\(['`](\w+)[^\n]*/g;
/** Doctor reads the installation from the configuration, which init writes; the others call no cloud, or only the local one. */
const OTHERS = new Set(['advise', 'config', 'doctor', 'help', 'init', 'up', 'down']);
/** Sentences that name a command and do not ask anybody to run it as printed. */
const NAMED = [
  // In the folder that init wrote, whose configuration names them.
  "FIRST_REPORT = holdfast('sweep --learn')",
  "PUBLISH = holdfast('releases publish 1.0.0 WAR_OR_FOLDER')",
  "DRY_RUN = holdfast('deploy 1.0.0 --dry-run')",
  `Use "\${holdfast('releases publish')}".`,
  `publish releases only with "\${holdfast('releases publish')}"`,
];

const linesOf = (...folders: string[]) =>
  folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: REPOSITORY }))
    .flatMap((file) =>
      readFileSync(path.join(REPOSITORY, file), 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(\/\*\*?|\*|\/\/)/.test(line) && !NAMED.some((named) => line.includes(named)))
        .map((line) => ({ file, line })),
    );

describe('a printed or documented command', () => {
  const texts = execFileSync('git', ['ls-files'], { cwd: REPOSITORY, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.(html|json|md|mjs|mts|py|sh|ts|yml|yaml)$/.test(file) && !file.endsWith('package-lock.json'))
    .map((file) => ({ file, text: readFileSync(path.join(REPOSITORY, file), 'utf8') }));
  const filesWith = (words: RegExp, of = texts): string[] => of.filter(({ text }) => words.test(text)).map(({ file }) => file);

  it('downloads nothing: npx runs the installed CDK or nothing, and npm exec and its like run no program', () => {
    expect(texts.length).toBeGreaterThan(2_000);
    const programs = ['holdfast', ...readdirSync(path.join(REPOSITORY, 'node_modules/.bin'))].map((name) => name.replaceAll('.', '\\.'));
    expect(
      filesWith(new RegExp(`\\b(npx|npm exec|npm x|bunx|pnpm dlx|yarn dlx) (?!--no cdk\\b)(-\\S+ )*(${programs.join('|')})\\b`)),
    ).toEqual([]);
  });

  it('of Holdfast is written by one function', () => {
    const product = texts.filter(({ file }) => /^(cli|console|infra|functions|server|advisor|session|package|bin)\/.*\.ts$/.test(file));
    expect(product.length).toBeGreaterThan(500);
    expect(filesWith(/\/holdfast [a-z$]/, product)).toEqual(['functions/shared/command-options.ts']);
  });
});

describe('a printed command', () => {
  it('of Holdfast has the options that reach the same fleet again', () => {
    const printed = linesOf('cli', 'functions').flatMap(({ file, line }) =>
      [...line.matchAll(COMMAND)].filter(([, name = '']) => !OTHERS.has(name)).map(([command]) => `${file}: ${command}`),
    );
    expect(printed.length).toBeGreaterThan(15);
    expect(
      printed.filter((command) => !/\$\{(optionsOf\(|optionsFor\(|options\}|OWN_OPTIONS\})|withoutFleet\(options\)/.test(command)),
    ).toEqual([]);
  });

  it('of AWS has its Region, and the local endpoint where it is for the local cloud', () => {
    // Those of the table of steps get them where they are printed: test/functions/incidents/report/next-steps.test.ts.
    const others = linesOf('cli', 'functions').filter(({ file }) => !file.startsWith('functions/incidents/report/says'));
    const printed = others.flatMap(({ file, line }) =>
      [...line.matchAll(/\baws (?!iam |sts |configure )[a-z0-9]+ [a-z]+-[a-z-]+[^`]*/g)].map(([command]) => `${file}: ${command}`),
    );
    expect(printed.length).toBeGreaterThan(2);
    expect(printed.filter((command) => !/--region \$\{region\}|\$\{awsOptions\}/.test(command))).toEqual([]);
  });

  it('of a function on AWS has Region and installation, and in the local cloud the fleet alone', () => {
    const execution = (account: string) => `arn:aws:states:eu-west-1:${account}:execution:live-web-deploy:d1`;
    expect(commandOptions(execution('111122223333'), 'web')).toBe('--fleet web --region eu-west-1 --installation live');
    expect(commandOptions(execution('000000000000'), 'web')).toBe('--fleet web');
  });
});

describe('the runbook', () => {
  const text = readRunbook();

  const night = ['at-night', 'logged-out', 'deploys'].map((page) => runbookPages()[`docs/runbook/${page}.md`] ?? '').join('\n');
  const SETS = 'eval "$(./holdfast status --names)"\n';

  it('needs no variable at night: each command of the AWS CLI finds its names and its Region itself', () => {
    expect(night).not.toMatch(/\beval\b/);
    for (const section of night.split(/^#{2,} /m)) {
      // What an answer is kept in is set in the same listing.
      const isSet = (name: string) => new RegExp(`^ *(?:${name}=|for ${name} in )`, 'm').test(section);
      const read = [...section.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
      expect(read.filter((name) => !isSet(name))).toEqual([]);
    }
    const found = [...night.matchAll(/\$\(\.\/holdfast status --names (\w+)\)/g)].map(([, name = '']) => name);
    expect(found.length).toBeGreaterThan(30);
    expect([...new Set(found)].toSorted()).toEqual(
      ['AWS_REGION', 'fleet', 'group', 'installation', 'load_balancer_dimension', 'name', 'records', 'store', 'target_group'].toSorted(),
    );
    const ofAws = [...night.matchAll(/\baws [a-z0-9]+ [a-z]+(?:-[a-z]+)*(?:[^`\n]|\\\n)*/g)].map(([command]) => command);
    expect(ofAws.length).toBeGreaterThan(20);
    expect(ofAws.filter((command) => !/--region "(\$region|\$\(\.\/holdfast status --names AWS_REGION\))"/.test(command))).toEqual([]);
    expect(night.match(/^ *region=.*/gm)?.filter((line) => !line.endsWith('region=$(./holdfast status --names AWS_REGION)'))).toEqual([]);
  });

  it('sets them first on its other page', () => {
    const other = runbookPages()['docs/runbook/administration.md'] ?? '';
    expect(other.slice(0, other.indexOf('\n## ')).split('```sh\n')[1]).toMatch(/^eval /);
  });

  it('has them in each command of Holdfast on those', () => {
    const commands = [
      ...text
        .replace(night, '')
        .replaceAll(SETS, '')
        .matchAll(/\.\/holdfast \w+[^`\n]*/g),
    ].map(([command]) => command);
    expect(commands.length).toBeGreaterThan(15);
    const wanted = (command: string) =>
      command.startsWith('./holdfast doctor')
        ? '--fleet "$fleet" --region "$AWS_REGION"'
        : /^\.\/holdfast (advise|canary)/.test(command)
          ? ''
          : '$options';
    expect(commands.filter((command) => !command.includes(wanted(command)))).toEqual([]);
  });
});
