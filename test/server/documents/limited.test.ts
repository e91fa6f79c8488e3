/** What a release has written is read in bounded time and memory, by processes that do not outlive the call. */
import { describe, expect, it } from 'vitest';
import { evaluate } from './run-python.ts';

/** Evaluates after these lines. */
const run = <T>(lines: string, expression: string): Promise<T> =>
  evaluate(`(exec(given[0], globals()), eval(given[1]))[1]`, [lines, expression]);

describe('the text of a program', () => {
  it('is the end of what it prints, in bounded memory', async () => {
    const lines = `
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
text = run_quietly("sh", "-c", "yes 1234567 | head -c 80000000; echo end")
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before`;
    const [length, end, grownKilobytes] = await run<[number, string, number]>(lines, '[len(text), text[-5:], grown]');
    // Without the part of a line that it begins with.
    expect([length, end]).toEqual([1024 * 1024 - 4, '\nend\n']);
    expect(grownKilobytes).toBeLessThan(20_000);
  });

  it('is empty when the program does not end in time, which it then does', async () => {
    const lines = `
begun = time.monotonic()
text = run_quietly("sh", "-c", "echo x; exec sleep 30", limit_seconds=0.3)
seconds = time.monotonic() - begun
import subprocess
left = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], stdout=subprocess.PIPE).stdout.decode()`;
    const [text, seconds, left] = await run<[string, number, string]>(lines, '[text, seconds, left]');
    expect(text).toBe('');
    expect(seconds).toBeLessThan(5);
    expect(left).not.toContain('sleep');
  });

  it('is empty without the program, and without memory for it', async () => {
    const lines = `
import subprocess
missing = run_quietly("no-such-program")
def no_memory(*_): raise MemoryError()
read_end = no_memory
without = run_quietly("echo", "x")`;
    expect(await run(lines, '[missing, without]')).toEqual(['', '']);
  });
});

describe.concurrent('work in its own process', () => {
  const results = (work: string, limits = '5, 5') => run<[unknown[], boolean]>(`def work():\n${work}`, `in_own_process(${limits}, work)`);

  it('gives what it yields', async () => {
    expect(await results('    yield 1\n    yield dict(a="b")')).toEqual([[1, { a: 'b' }], true]);
  });

  it.each([
    ['takes a processor', 'while True: pass', '0.2, 20'],
    ['waits', 'time.sleep(60)', '2, 2'],
    ['is in a long search', 're.search("a*b", "a" * 1000000)', '0.2, 20'],
    ['fails', '{}["x"]', '5, 5'],
    ['has no memory left', 'raise MemoryError()', '5, 5'],
    ['takes 300 MB of memory', 'bytearray(300 * 1024 * 1024)', '5, 5'],
    ['runs a program that takes a processor', 'run_quietly("sh", "-c", "while :; do :; done")', '5, 2'],
  ])('gives what it had when it %s', async (_what, line, limits) => {
    expect(await results(`    yield 1\n    ${line}\n    yield 2`, limits)).toEqual([[1], false]);
  });

  it('has 256 MB more than the process had, and at most what that one may have', async () => {
    const work = '    with open("/proc/self/statm") as file:\n        used = int(file.read().split()[0]) * resource.getpagesize()\n';
    const limits = '    yield [resource.getrlimit(resource.RLIMIT_AS)[0], used]';
    const [[free]] = (await results(`${work}${limits}`)) as [[[number, number]], boolean];
    expect(free[0] - free[1]).toBeGreaterThan(250 * 1024 ** 2);
    expect(free[0] - free[1]).toBeLessThanOrEqual(256 * 1024 ** 2);
    const own = 'resource.setrlimit(resource.RLIMIT_AS, (200 * 1024 * 1024, 200 * 1024 * 1024))';
    const lines = `${own}\ndef work():\n    yield resource.getrlimit(resource.RLIMIT_AS)`;
    expect(await run(lines, 'in_own_process(5, 5, work)')).toEqual([[[200 * 1024 ** 2, 200 * 1024 ** 2]], true]);
  });

  it('keeps a pattern that takes gigabytes within them', async () => {
    const search = 're.search("(?:(?:a|b)?){4294967290}", "ab" * 30000)';
    const lines = `
def work():
    yield 1
    ${search}
    yield 2
got = in_own_process(3, 15, work)`;
    const [got, kilobytes] = await run<[unknown, number]>(lines, '[got, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]');
    expect(got).toEqual([[1], false]);
    expect(kilobytes).toBeLessThan(320 * 1024);
  });

  it('goes on without a limit of memory where the platform has none', async () => {
    const lines = `
def refuse(*_): raise ValueError()
resource.getrlimit = refuse
def work(): yield len(bytearray(300 * 1024 * 1024))`;
    expect(await run(lines, 'in_own_process(5, 5, work)')).toEqual([[300 * 1024 ** 2], true]);
  });

  it('ends the programs that it has started', async () => {
    const lines = `
import subprocess
name = "4%d" % os.getpid()
def work():
    yield run_quietly("sleep", name)
in_own_process(5, 0.5, work)
time.sleep(0.1)
left = subprocess.run(["pgrep", "-f", "^sleep " + name], stdout=subprocess.PIPE).stdout.decode()`;
    expect(await run(lines, 'left')).toBe('');
  });
});
