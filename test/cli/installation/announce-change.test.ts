import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type ChangeOptions, changeNotice, changeQuestion } from '../../../cli/installation/connect-to-installation.ts';
import { addCommands, createProgram } from '../../../cli/program.ts';

/** They change nothing: every other command has --yes, and goes through connectToChange or connectToStop. */
const READING = [
  ...['advise', 'canary', 'config validate', 'deploys', 'deploys follow', 'deploys show', 'doctor', 'gate', 'help', 'incidents'],
  ...['incidents show', 'logs', 'releases', 'status', 'store', 'sweeps', 'sweeps show', 'version'],
];

const TARGET = { installation: 'shop', account: '111122223333', region: 'eu-west-1', caller: 'role/ann' };
const NO_FILE = { regionFrom: 'AWS_REGION' };
const SILENT = { regionFrom: '/x/c.json', configFile: '/x/c.json' };
const NAMED = { ...SILENT, account: '111122223333' };
const BY_CREDENTIALS = 'No configuration names an account, so your credentials alone have chosen 111122223333. Go on?';
const DELETES = 'This sweep deletes keys.';
const OF_DELETES = 'This sweep deletes keys. This is installation shop in account 111122223333, eu-west-1. Go on?';

/** The files of commands, which the program loads when they are run. */
const COMMANDS = ['cli/program.ts', ...globSync('cli/*/add-*.ts')].flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/import\('(\.[^']+)'\)/g)].map(([, target = '']) =>
    path.posix.join(path.posix.dirname(file), target),
  ),
);

it('what is changed is named with what chose it', () => {
  expect(changeNotice(TARGET, NO_FILE)).toBe(
    'This changes installation shop in account 111122223333, eu-west-1 (Region from AWS_REGION), as role/ann.',
  );
});

describe('before a change', () => {
  it.each<[string, Parameters<typeof changeQuestion>[1], ChangeOptions, string | undefined]>([
    ['asks where no configuration was found', NO_FILE, {}, BY_CREDENTIALS],
    [
      'asks where one was found without an account',
      SILENT,
      {},
      '/x/c.json names no account, so your credentials alone have chosen 111122223333. Go on?',
    ],
    ['asks where --region names the Region: the credentials still choose the account', { regionFrom: '--region' }, {}, BY_CREDENTIALS],
    ['asks nothing where the configured account is that of the credentials', NAMED, {}, undefined],
    ['asks nothing with --yes', NO_FILE, { yes: true }, undefined],
    ['asks nothing with --json', NO_FILE, { json: true }, undefined],
    ['asks nothing in a dry run', NO_FILE, { dryRun: true }, undefined],
    ['asks nothing in the local cloud and in a checkout', undefined, {}, undefined],
    ['asks about what is lost, once, also with a configured account', NAMED, { loses: DELETES }, OF_DELETES],
    ['asks about what is lost in a checkout', undefined, { loses: DELETES }, OF_DELETES],
    ['asks about what is lost with --json, as before', NO_FILE, { loses: DELETES, json: true }, OF_DELETES],
    ['asks nothing about what is lost with --yes', NO_FILE, { loses: DELETES, yes: true }, undefined],
    ['asks nothing about what a dry run would delete', NO_FILE, { loses: DELETES, dryRun: true }, undefined],
  ])('%s', (_what, chosen, options, expected) => {
    expect(changeQuestion(TARGET, chosen, options)).toBe(expected);
  });
});

it('each command has --yes, but those that only read', () => {
  const program = createProgram();
  addCommands(program, async () => {});
  const without = (command: Command, name: string): string[] => [
    ...(command.options.some(({ long }) => long === '--yes') || name === 'config' ? [] : [name]),
    ...command.commands.flatMap((each) => without(each, `${name} ${each.name()}`)),
  ];
  expect(program.commands.flatMap((each) => without(each, each.name())).sort()).toEqual(READING);
});

it('every command is found', () => {
  expect(COMMANDS.length).toBeGreaterThan(25);
});

it.each(COMMANDS)('%s starts and stops nothing without the connection that announces it', (file) => {
  const text = readFileSync(file, 'utf8');
  const isAnnounced = /\bconnectTo(Change|Stop)\(/.test(text);
  // The console, whose buttons a person presses, calls these functions of the commands.
  const isChanging = /\b(startExecution|StopExecutionCommand|publishRelease|sendContinue|sendEndDrain|sendDecision)\(/.test(text);
  if (isChanging) expect(isAnnounced).toBe(true);
});
