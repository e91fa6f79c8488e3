/** Commands of the pages for users of the package: they parse, and carry what finds their installation. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../cli/failure.ts';
import { addCommands, createProgram } from '../../cli/program.ts';
import { exitCodes, jobs, runLines } from './ci-page.ts';

const read = (page: string) => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
const ci = read('ci.md');

/** As a shell splits them: words, and words in quotes. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => (quoted ?? word ?? '').replace(/^\$\w+$/, 'v1.4.2'));

const commandsOf = (text: string): string[][] =>
  text
    .replace(/"\$\(([^)]*)\)"/g, '7a51fb7e\n$1')
    .split(/\n| \| /)
    .flatMap((part) => /(?:\.|node_modules\/\.bin)\/holdfast (.*)/.exec(part)?.[1] ?? [])
    .map((command) => wordsOf(command));

describe('the pipeline', () => {
  const SESSION_SECONDS = 14_400;

  it('ends before its session, which the role allows', () => {
    for (const job of jobs) {
      const session = job.steps.find((step) => step.with?.['role-to-assume'] !== undefined)?.with;
      expect(session).toMatchObject({ 'role-duration-seconds': SESSION_SECONDS, 'role-session-name': expect.stringContaining('run_id') });
      expect(job['timeout-minutes'] * 60).toBeLessThan(SESSION_SECONDS);
    }
    expect(ci).toContain(`--max-session-duration ${SESSION_SECONDS}`);
  });

  it('takes a role that no other repository can take', () => {
    const policy = /^```json\n(.*?)^```$/ms.exec(ci)?.[1] ?? '';
    expect(JSON.parse(policy)).toMatchObject({
      Statement: [
        {
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
            StringLike: {
              'token.actions.githubusercontent.com:sub': ['repo:ORG/REPO:ref:refs/tags/v*', 'repo:ORG/REPO:ref:refs/heads/main'],
            },
          },
        },
      ],
    });
  });

  it('has the lines that a release takes', () => {
    expect(runLines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
      expect.arrayContaining(['config', 'releases', 'deploy', 'rollback'].map((name) => `node_modules/.bin/holdfast ${name}`)),
    );
  });

  it('explains the exit codes', () => {
    const { SIGHUP, SIGINT, SIGTERM, SIGPIPE } = constants.signals;
    const ofSignals = [SIGHUP, SIGINT, SIGTERM, SIGPIPE].map((signal) => 128 + signal);
    expect(exitCodes).toEqual([0, ...Object.values(EXIT).toSorted(), ...ofSignals]);
  });

  it.each(
    [
      ...runLines,
      ...read('terraform.md')
        .split('\n')
        .filter((line) => /^\.\/holdfast/.test(line)),
    ]
      .flatMap(commandsOf)
      .map((words) => ({ words })),
  )('parses $words', async ({ words }) => {
    let ran = false;
    const program = createProgram();
    addCommands(program, async () => {
      ran = true;
    });
    await program.parseAsync([...words, ...(words[0] === 'deploys' && words.length === 2 ? ['7a51fb7e'] : [])], { from: 'user' });
    expect(ran).toBe(true);
  });
});
