import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advise } from '../../../advisor/advise.ts';
import { makeStateFolder, onlyLine, runCli } from '../run-cli.ts';

let state: ReturnType<typeof makeStateFolder>;
beforeAll(() => {
  state = makeStateFolder();
});
afterAll(() => state.remove());

const run = (...args: string[]) => runCli(state.folder, ['advise', ...args]);
const EVERY_OPTION = ['--servers', '4', '--cloud', '--ha', '--session-bytes', '2048', '--zero-downtime'];

describe.concurrent('holdfast advise', () => {
  it('prints the advice as one line of JSON', async () => {
    const { code, stdout, stderr } = await run(...EVERY_OPTION, '--json');
    const options = { cloud: true, ha: true, zeroDowntime: true, sessionBytes: 2_048 };
    expect(onlyLine(stdout)).toEqual(JSON.parse(JSON.stringify(advise({ servers: 4, system: 'new', ...options }))));
    expect(onlyLine(stdout)).toMatchObject({
      recommended: 'redis',
      verdicts: [
        { strategy: 'sticky', rating: 'Not recommended', decidedBy: ['Cloud/Kubernetes', 'HA is top priority'] },
        { strategy: 'tomcat-cluster', rating: 'Not recommended', decidedBy: ['Large session data (1KB+)'] },
        { strategy: 'redis', rating: 'Required', decidedBy: ['Cloud/Kubernetes'] },
      ],
    });
    expect([code, stderr]).toEqual([0, '']);
  });

  it('prints the rows with their ratings, the precedence, the configuration and the migration', async () => {
    const { code, stdout } = await run(...EVERY_OPTION);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Recommended: Redis Session \(strategy "redis"\)\n {2}The matrix concludes: "Start with Redis for new projects\."\n/,
    );
    expect(stdout).toMatch(/\nROW +STICKY SESSION +TOMCAT CLUSTER +REDIS SESSION +APPLIES BECAUSE\n/);
    expect(stdout).toMatch(/\nCloud\/Kubernetes +Not recommended\* +Difficult +Required\* /);
    expect(stdout).toMatch(/\nverdict +Not recommended +Not recommended +Required\n/);
    expect(stdout).toContain('\nPRECEDENCE\n1. ');
    expect(stdout).toContain('"strategy": "redis"');
    expect(stdout).toMatch(
      /\nMIGRATION sticky → redis, 4 servers\n(.|\n)*A session takes about 2,760 bytes(.|\n)*\n 1\. (.|\n)*\n {6}undo {3}/,
    );
  });

  it('prints a contradiction with what to change', async () => {
    const { code, stdout } = await run('--servers', '6', '--legacy', '--cloud');
    expect(code).toBe(0);
    expect(stdout).toContain('\nCONTRADICTION: 5+ servers + Cloud/Kubernetes + Legacy app (no code changes)\n');
    expect(stdout).toContain('\n  change  for Redis Session: let the container');
  });

  it('prints when to migrate an existing system', async () => {
    expect((await run('--servers', '2', '--existing')).stdout).toContain('Not yet: Redis is required from 5 servers on.');
    expect((await run('--servers', '6', '--existing')).stdout).toContain('"For existing systems, migrate gradually based on scale." Now.');
  });

  it.each<[string, string[], string, string]>([
    ['a missing number of servers', [], 'InvalidCommand', "required option '--servers <number>' not specified"],
    ['0 servers', ['--servers', '0'], 'InvalidOption', '--servers "0" is not a whole number from 1 to 200'],
    ['too many servers', ['--servers', '201'], 'InvalidOption', '--servers "201"'],
    ['a session with a unit', ['--servers', '4', '--session-bytes', '2KB'], 'InvalidOption', '--session-bytes "2KB"'],
    ['a session above the limit of the store', ['--servers', '4', '--session-bytes', '536870913'], 'InvalidOption', 'from 1 to 536870912'],
    ['legacy and existing', ['--servers', '4', '--legacy', '--existing'], 'InvalidCommand', 'cannot be used with option'],
  ])('exits with 2 for %s', async (_, args, code, message) => {
    const ran = await run(...args, '--json');
    expect([ran.code, onlyLine(ran.stdout)]).toEqual([2, { error: { code, message: expect.stringContaining(message) } }]);
  });
});
