/** What holds for every command, whatever it is about: one document for scripts, plain text in a pipe, nothing lost at any width, and a slip of the pen refused. */
import { Command } from 'commander';
import { beforeEach, describe, expect, it } from 'vitest';
import { addLocalCommands } from '../../bin/local-commands.ts';
import type { Run } from '../../cli/command-parts.ts';
import { addInit } from '../../cli/installation/add-init.ts';
import { addCommands, groupCommands } from '../../cli/program.ts';
import { runCommandLine } from '../../cli/run-command-line.ts';
import { addConsole } from '../../console/add-command.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { FULL } from '../e2e/full-run.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from './announced-cloud.ts';
import { FAULT_SERVICES, prepareCloud, ROWS, type Row, writeFiles } from './command-rows.ts';
import { onlyLine, PLACE, runCli } from './run-cli.ts';

/** Those of a checkout, `console`, and `init` of the package. */
const addMore = (program: Command, run: Run) => {
  addLocalCommands(program, run);
  addConsole(program, run);
  addInit(program, run);
};
const commandLine = (args: readonly string[]) => runCommandLine(args, addMore);
/** A command with arguments or options of its own can be run; a group of commands cannot. */
const COMMANDS = (function commandsOf(command: Command, words: readonly string[]): [string, Command][] {
  return command.commands.flatMap((one) => {
    const own = [...words, one.name()];
    const isGroup = one.commands.length > 0 && one.options.length === 0;
    return [...(isGroup ? [] : [[own.join(' '), one] satisfies [string, Command]]), ...commandsOf(one, own)];
  });
})(program(), []);

function program(): Command {
  const made = new Command();
  const run: Run = async () => {};
  addMore(made, run);
  addCommands(made, run);
  return made;
}

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
}, FAULT_SERVICES);
beforeEach(() => {
  prepareCloud(cloud);
  cloud.announce(state.folder, { ...writeFiles(state.folder), loadBalancerUrl: 'https://localhost:1', caFile: '/dev/null' });
});

/** Runs as in a terminal of that width, or in a pipe. */
async function run(line: string, row: Row, columns?: number): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { stdout } = process;
  const was = { isTTY: stdout.isTTY, columns: stdout.columns, rows: stdout.rows };
  if (columns !== undefined) Object.assign(stdout, { isTTY: true, columns, rows: 50 });
  const after = row.before?.(cloud);
  try {
    return await runCli(folder(row), wordsOf(line), { NO_COLOR: '1' }, commandLine);
  } finally {
    if (typeof after === 'function') after();
    Object.assign(stdout, was);
  }
}
const folder = ({ down }: Row): string => (down ? `${state.folder}/none` : state.folder);
const wordsOf = (line: string): string[] => line.replaceAll('{folder}', state.folder).split(' ').filter(Boolean);

/** The escapes by which a terminal's block is redrawn. */
const REDRAWS = new RegExp(`${String.fromCharCode(27)}\\[\\d*[AJK]`, 'g');
/** Times of now, and the console's link, which differ from one run to the next. */
const withoutTimes = (text: string) =>
  text.replaceAll(/:\d+\/#token=[\w-]{32}/g, ':PORT').replaceAll(/\b\d+(\.\d+)?\s*(ms|s|min|h|days|d|m)\b/g, 'T');
const lettersOf = (text: string) => withoutTimes(text.replaceAll(REDRAWS, '')).replaceAll(/\s/g, '');
const TRACE = /\n {4}at |node:internal|undefined|\[object/;
/** What is meant; a configuration has one Region, and a fault needs none. */
const WANTED = /Did you mean |the region in .* is us-east-1\.|Omit --region\./;
const REFUSED = { error: { code: expect.stringMatching(/^[A-Z]\w+$/), message: expect.stringMatching(/^[^\n]+$/) } };

it('has a row here, and each row is a command', () => {
  expect(Object.keys(ROWS).sort()).toEqual(COMMANDS.map(([name]) => name).sort());
});

it('the help has each command under a heading, and a command without one is refused', () => {
  const grouped = program();
  groupCommands(grouped);
  expect(grouped.commands.map((one) => `${one.helpGroup()} ${one.name()}`)).toEqual(
    expect.arrayContaining(['Deploy: status', 'Store: sweep', 'Incidents: canary', 'Plan: init', 'Local cloud: fault']),
  );
  grouped.command('another');
  expect(() => groupCommands(grouped)).toThrow('the command another is in no group of the help');
});

describe.each(COMMANDS)('%s', (name, command) => {
  const row = ROWS[name] ?? {};
  const { args = '', code: expected = 0, names, placeless } = row;
  const line = `${name} ${args}`;
  const has = (option: string) => command.options.some(({ long }) => long === option);

  it.runIf(has('--json'))('has exactly one document with --json, with its place', async () => {
    const { code, stdout, stderr } = await run(`${line} --json`, row);
    expect([code, stderr]).toEqual([expected, expect.not.stringMatching(TRACE)]);
    const failed = 'error' in (onlyLine(stdout) as object);
    expect(onlyLine(stdout)).toMatchObject(failed ? REFUSED : placeless ? {} : PLACE);
    expect(failed).toBe([1, 2, 3].includes(expected));
  });

  it('has no escapes in a pipe, and loses nothing at 40, 80 and 200 columns, nor does its help', async () => {
    const { code, stdout, stderr } = await run(line, row);
    expect(code).toBe(expected);
    const controls = [...`${stdout}${stderr}`].filter((letter) => letter < ' ' && letter !== '\n');
    expect([controls, `${stdout}${stderr}`.length > 0]).toEqual([[], true]);
    const help = await run(`${name} --help`, row);
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining(`\nExamples:\n  $ ${holdfast(name)}`)]);
    for (const columns of FULL ? [40, 80, 200] : [40]) {
      const shown = await run(line, row, columns);
      expect([lettersOf(shown.stdout), lettersOf(shown.stderr)]).toEqual([lettersOf(stdout), lettersOf(stderr)]);
    }
    // A container's terminal can have no width at all, and a window can be narrower than an option's name.
    for (const columns of FULL ? [0, 12, 40, 80, 200] : [12]) {
      const shown = await run(`${name} --help`, row, columns);
      expect([shown.code, lettersOf(shown.stdout)]).toEqual([0, lettersOf(help.stdout)]);
    }
  });

  const wrongs = (row.wrong ?? []).map((wrong) => `${name} ${wrong}`);
  const wrongFleet = has('--fleet') && !names ? [`${line} --fleet wbe`] : [];
  const wrongInstallation = has('--installation') && !names ? [`${line} --installation holdfsat`] : [];
  const wrongRegions = has('--region') ? ['europe', 'us-esat-1', 'eu-west-9'].map((region) => `${line} --region ${region}`) : [];
  it.each([...wrongs, ...wrongFleet, ...wrongInstallation, ...wrongRegions])(
    '%s: is refused in one document, and starts nothing',
    async (wrong) => {
      const { code, stdout, stderr } = await run(has('--json') ? `${wrong} --json` : wrong, row);
      expect([code, stderr]).toEqual([2, expect.not.stringMatching(TRACE)]);
      if (has('--json')) expect(onlyLine(stdout)).toEqual(REFUSED);
      expect([cloud.started, cloud.stopped]).toEqual([[], []]);
      if (/wbe$|esat/.test(wrong)) expect(stdout).toMatch(WANTED);
    },
  );
});
