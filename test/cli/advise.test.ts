import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advise } from '../../advisor/advise.ts';
import { makeStateFolder, onlyLine, runCli } from './run-cli.ts';

let state: ReturnType<typeof makeStateFolder>;
beforeAll(() => {
  state = makeStateFolder();
});
afterAll(() => state.remove());

const run = (...args: string[]) => runCli(state.folder, ['advise', ...args]);
const EVERY_WISH = ['--servers', '4', '--cloud', '--ha', '--session-bytes', '2048', '--zero-downtime'];

describe.concurrent('holdfast advise', () => {
  it('prints one line of JSON: the library’s advice', async () => {
    const { code, stdout, stderr } = await run(...EVERY_WISH, '--json');
    const wishes = { cloud: true, ha: true, zeroDowntime: true, sessionBytes: 2_048 };
    expect(onlyLine(stdout)).toEqual(JSON.parse(JSON.stringify(advise({ servers: 4, system: 'new', ...wishes }))));
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

  it.each([
    [['--servers', '2'], 'redis'],
    [['--servers', '2', '--existing'], 'sticky'],
    [['--servers', '3', '--existing'], 'tomcat-cluster'],
    [['--servers', '4', '--legacy'], 'sticky'],
    [['--servers', '5', '--existing'], 'redis'],
    [['--servers', '3', '--legacy', '--cloud'], 'redis'],
  ])('%j recommends %s', async (args, recommended) => {
    expect(onlyLine((await run(...args, '--json')).stdout)).toMatchObject({ recommended });
  });

  it('tells people the rows with their ratings, the precedence, the configuration and the migration', async () => {
    const { code, stdout } = await run(...EVERY_WISH);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Recommended: Redis Session \(strategy "redis"\)\n {2}The matrix concludes: "Start with Redis for new projects\."\n/,
    );
    expect(stdout).toMatch(/\nROW +STICKY SESSION +TOMCAT CLUSTER +REDIS SESSION +APPLIES BY\n/);
    expect(stdout).toMatch(/\nCloud\/Kubernetes +Not recommended\* +Difficult +Required\* /);
    expect(stdout).toMatch(/\nverdict +Not recommended +Not recommended +Required\n/);
    expect(stdout).toContain('\nPRECEDENCE\n1. ');
    expect(stdout).toContain('"strategy": "redis"');
    expect(stdout).toMatch(
      /\nMIGRATION sticky → redis, 4 servers\n(.|\n)*A session takes about 2,760 bytes(.|\n)*\n 1\. (.|\n)*\n {6}back {3}/,
    );
  });

  it('names a contradiction with what to change', async () => {
    const { code, stdout } = await run('--servers', '6', '--legacy', '--cloud');
    expect(code).toBe(0);
    expect(stdout).toContain('\nCONTRADICTION: 5+ servers + Cloud/Kubernetes + Legacy app (no code changes)\n');
    expect(stdout).toContain('\n  change  for Redis Session: let the container');
  });

  it('says of an existing system when to migrate', async () => {
    expect((await run('--servers', '2', '--existing')).stdout).toContain('Not yet: from 5 servers on Redis is required.');
    expect((await run('--servers', '6', '--existing')).stdout).toContain('"For existing systems, migrate gradually based on scale." Now.');
  });

  it.each<[string, string[], string, string]>([
    ['no server count', [], 'InvalidCommand', "required option '--servers <number>' not specified"],
    ['no server', ['--servers', '0'], 'InvalidOption', '--servers "0" is not a whole number from 1 to 200'],
    ['fewer than none', ['--servers=-4'], 'InvalidOption', '--servers "-4"'],
    ['part of a server', ['--servers', '2.5'], 'InvalidOption', '--servers "2.5"'],
    ['servers that are no number', ['--servers', 'NaN'], 'InvalidOption', '--servers "NaN"'],
    ['too many servers', ['--servers', '201'], 'InvalidOption', '--servers "201"'],
    ['a number that is huge', ['--servers', '9'.repeat(400)], 'InvalidOption', `--servers "${'9'.repeat(80)}…"`],
    ['servers in words', ['--servers', ''], 'InvalidOption', '--servers ""'],
    ['a session of nothing', ['--servers', '4', '--session-bytes', '0'], 'InvalidOption', '--session-bytes "0"'],
    ['a negative session', ['--servers', '4', '--session-bytes=-1'], 'InvalidOption', '--session-bytes "-1"'],
    ['a session with a unit', ['--servers', '4', '--session-bytes', '2KB'], 'InvalidOption', '--session-bytes "2KB"'],
    ['a session above what the store takes', ['--servers', '4', '--session-bytes', '536870913'], 'InvalidOption', 'from 1 to 536870912'],
    ['legacy and existing', ['--servers', '4', '--legacy', '--existing'], 'InvalidCommand', 'cannot be used with option'],
    ['an unknown wish', ['--servers', '4', '--fast'], 'InvalidCommand', "unknown option '--fast'"],
  ])('%s is bad input', async (_, args, code, message) => {
    const ran = await run(...args, '--json');
    expect([ran.code, onlyLine(ran.stdout)]).toEqual([2, { error: { code, message: expect.stringContaining(message) } }]);
  });

  it('--help shows examples', async () => {
    const { code, stdout } = await run('--help');
    expect([code, stdout]).toEqual([0, expect.stringContaining('$ npx holdfast advise --servers 4 --cloud')]);
  });
});
