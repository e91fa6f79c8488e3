import { describe, expect, it, type TestContext } from 'vitest';
import { isRunning } from '../../../../setup/process-start.mjs';
import { FULL } from '../../../../test/e2e/full-run.ts';
import { until } from '../../../../test/until.ts';
import { endOfCloud, untilStopped } from '../../daemon-client.ts';
import { Interrupted, listenForInterruption, untilAborted } from '../../interruption.ts';
import { Place, StartRun } from './start-run.ts';

/** Concurrent tests have each their own end: the context's, not the module's. */
const newPlace = ({ onTestFinished }: TestContext) => {
  const place = new Place();
  onTestFinished(() => place.remove());
  return place;
};

describe('npm start that is interrupted', { concurrent: true }, () => {
  it.for([
    ['while cdk runs', 'bootstrapping', 4, 'SIGTERM', 143],
    ...(FULL ? ([['while the local cloud starts', 'starting the local cloud', 2, 'SIGINT', 130]] as const) : []),
  ] as const)(
    '%s ends every process, removes what it wrote, and prints that in one line',
    async ([, phase, processes, signal, exitCode], context) => {
      const place = newPlace(context);
      const run = new StartRun(place, ['--once', '--json']);
      await run.hasSaid(phase);
      await until(() => run.tree().length >= processes, `${processes} processes`);
      const before = run.tree();
      run.child.kill(signal);
      // npm passes on the Ctrl-C that the terminal has sent already.
      setTimeout(() => run.child.kill(signal), 200).unref();
      const interruptedAtMs = performance.now();
      const { code, lines } = await run.ended();
      expect(performance.now() - interruptedAtMs).toBeLessThan(60_000);
      expect([code, lines.map((line) => JSON.parse(line) as unknown)]).toEqual([
        exitCode,
        [{ error: { code: 'Interrupted', message: `interrupted by ${signal}: everything that was started has been stopped` } }],
      ]);
      expect([before.filter(isRunning), place.processes(), place.runs(), place.cloud()]).toEqual([[], [], [], undefined]);
    },
  );

  it.runIf(FULL)('by SIGKILL ends all the same, cdk included, as soon as the local cloud notices', async (context) => {
    const place = newPlace(context);
    const run = new StartRun(place, ['--once', '--json']);
    await run.hasSaid('bootstrapping');
    await until(() => run.tree().length >= 4, 'cdk runs');
    const before = run.tree();
    run.child.kill('SIGKILL');
    await until(() => !before.some(isRunning) && place.processes().length === 0, 'everything has ended');
    expect([place.runs(), place.cloud()]).toEqual([[], undefined]);
  });
});

describe.runIf(FULL)('npm start whose local cloud is killed', () => {
  it('fails at once, prints that in one line, and leaves nothing', async (context) => {
    const place = newPlace(context);
    const run = new StartRun(place, ['--once', '--json']);
    await run.hasSaid('bootstrapping');
    const before = run.tree();
    process.kill(place.cloud()?.pid as number, 'SIGKILL');
    const { code, lines } = await run.ended();
    expect([code, lines.map((line) => JSON.parse(line) as unknown)]).toEqual([
      1,
      [{ error: { code: 'CloudLost', message: expect.stringContaining('the local cloud ended unexpectedly (SIGKILL)') } }],
    ]);
    expect([before.filter(isRunning), place.processes(), place.runs(), place.cloud()]).toEqual([[], [], [], undefined]);
  });
});

describe('the end of the local cloud', () => {
  it.each([
    [0, null, '', 'CloudStopped', /^the local cloud was stopped, by "\.\/holdfast down" or a signal to its process$/],
    [0, null, ' while it was starting', 'CloudStopped', /^the local cloud was stopped while it was starting, by "\.\/holdfast down"/],
    [1, null, '', 'CloudLost', /^the local cloud ended unexpectedly \(exit status 1\): see its log, .*daemon\.log$/],
    [null, 'SIGKILL', '', 'CloudLost', /^the local cloud ended unexpectedly \(SIGKILL\): see its log/],
    [1, null, ' while it was starting', 'CloudLost', /^the local cloud ended while it was starting \(exit status 1\): see its log/],
  ] as const)('with status %s, signal %s%s is a %s', (code, signal, when, name, message) => {
    const error = endOfCloud(code, signal, when);
    expect([error.name, error.message]).toEqual([name, expect.stringMatching(message)]);
  });

  it('that was asked for is no failure of npm start, and every other one is', async () => {
    const ended = async (reason: Error) => untilStopped(AbortSignal.abort(reason));
    expect(await ended(endOfCloud(0, null))).toMatch(/^the local cloud was stopped/);
    await expect(ended(endOfCloud(1, null))).rejects.toThrow('ended unexpectedly');
    await expect(ended(new Interrupted('SIGINT'))).rejects.toThrow('interrupted by SIGINT');
  });
});

describe('an interruption', () => {
  it('counts once, however often the signal comes', () => {
    let first = 0;
    const { signal, release } = listenForInterruption(() => {
      first += 1;
    });
    process.emit('SIGINT');
    process.emit('SIGTERM');
    release();
    expect([first, signal.reason]).toEqual([1, expect.objectContaining({ name: 'Interrupted', exitCode: 130 })]);
  });

  it('is what waiting work ends with, whatever the work itself then fails with', async () => {
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const waiting = untilAborted(promise, controller.signal, 1_000);
    controller.abort(new Interrupted('SIGTERM'));
    reject(new Error('connection refused'));
    await expect(waiting).rejects.toMatchObject({ name: 'Interrupted', exitCode: 143 });
  });

  it('is reported instead of a failure that it caused, although that arrives first', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(Promise.reject(new Error('connection refused')), controller.signal);
    setTimeout(() => controller.abort(new Interrupted('SIGTERM')), 20);
    await expect(waiting).rejects.toMatchObject({ name: 'Interrupted', exitCode: 143 });
  });

  it('waits no longer than its limit for work that does not end', async () => {
    await expect(untilAborted(new Promise(() => {}), AbortSignal.abort(new Interrupted('SIGINT')), 20)).rejects.toThrow(
      'interrupted by SIGINT',
    );
  });

  it('changes nothing for work that has ended', async () => {
    await expect(untilAborted(Promise.resolve(7), new AbortController().signal)).resolves.toBe(7);
    await expect(untilAborted(Promise.reject(new Error('own')), new AbortController().signal)).rejects.toThrow('own');
  });
});
