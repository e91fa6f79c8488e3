import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isRunning, processStart } from '../../../../setup/process-start.mjs';
import { readSetup } from '../../../../setup/read-setup.mjs';
import { until } from '../../../../test/until.ts';
import { freePorts } from '../../../processes/free-port.ts';
import { listProcesses, treeOf } from '../../../processes/process-table.ts';
import { type KeptDaemon, startDaemonIn, startOneOfEach } from './kept-daemon.ts';
import { Place } from './start-run.ts';

const newPlace = () => {
  const place = new Place();
  onTestFinished(() => place.remove());
  return place;
};

/** Node calls its main thread so since 24. */
const nameOf = (command: string) => (command === 'MainThread' ? 'node' : command.replace(/^(python|redis|valkey).*/, '$1'));

describe.runIf(process.platform === 'linux')('a local cloud whose process was killed', () => {
  it('is ended and removed by the next start, which harms neither a stranger nor another state folder', async () => {
    const [place, elsewhere] = [newPlace(), newPlace()];
    const other = startDaemonIn(elsewhere);
    const [gatewayPort, pagePort] = (await freePorts(2)) as [number, number];
    const first = startDaemonIn(place, { runId: 'first', gatewayPort, pagePort });
    const state = await first.state;
    expect([state.gatewayUrl, state.pageUrl]).toEqual([`http://127.0.0.1:${gatewayPort}`, `http://127.0.0.1:${pagePort}/`]);
    await startOneOfEach(state);
    const children = () => treeOf(listProcesses(), first.child.pid as number).filter(({ pid }) => pid !== first.child.pid);
    await until(() => children().filter(({ command }) => command === 'sleep').length === 2, 'a service and a script run');
    const left = children();
    // The emulator, two nodes and their Sentinel, a function's environment, a machine's service, and a script on it with its shell.
    expect([...new Set(left.map(({ command }) => nameOf(command)))].sort()).toEqual(
      [readSetup().storeEngine, 'node', 'python', 'sh', 'sleep'].sort(),
    );
    expect(left.filter(({ command }) => command.startsWith(readSetup().storeEngine))).toHaveLength(3);
    const otherState = await other.state;
    const others = elsewhere.processes();

    // A stranger has the id of something that the run had noted.
    const stranger = spawn('sleep', ['300'], { stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } });
    onTestFinished(() => void stranger.kill('SIGKILL'));
    const noted = { pid: stranger.pid, start: 'another boot:1', name: 'redis-server' };
    writeFileSync(path.join(state.runFolder, 'pids', `${stranger.pid}.json`), JSON.stringify(noted));
    first.child.kill('SIGKILL');
    await until(() => first.child.signalCode !== null, 'the daemon has gone');
    expect(left.filter(isRunning).length, 'they outlive it').toBe(left.length);

    const second = startDaemonIn(place, { runId: 'second' });
    const next = await second.state;
    expect(left.filter(isRunning)).toEqual([]);
    expect([existsSync(state.runFolder), place.runs(), place.cloud()?.pid]).toEqual([false, ['second'], second.child.pid]);
    expect(processStart(stranger.pid as number)).toBeDefined();
    expect(others.filter(isRunning).length).toBe(others.length);
    expect(new Set([next, otherState].flatMap(({ gatewayUrl, pageUrl }) => [gatewayUrl, pageUrl])).size).toBe(4);

    for (const { child } of [second, other]) child.kill('SIGTERM');
    await until(() => [place, elsewhere].every((each) => each.processes().length === 0), 'both have ended');
    expect([place.runs(), place.cloud(), elsewhere.runs(), elsewhere.cloud()]).toEqual([[], undefined, [], undefined]);
  });
});

describe('the checkout', () => {
  // One after the other on the same clouds: each takes seconds to start.
  it('has one local cloud, also when two start at the same moment, and no longer than the process that started it unless that let go', async () => {
    const place = newPlace();
    const both = [startDaemonIn(place), startDaemonIn(place)];
    const answers = await Promise.all(both.map(({ answer }) => answer));
    expect(answers.map(({ type }) => type).sort()).toEqual(['failed', 'ready']);
    expect(answers.find(({ type }) => type === 'failed')).toMatchObject({ name: 'AlreadyUp' });

    const first = both[answers.findIndex(({ type }) => type === 'ready')] as KeptDaemon;
    const { pageUrl } = await first.state;
    const pid = first.child.pid as number;
    first.child.send({ type: 'letGo' }, () => first.child.disconnect());
    // A second is refused while one is up.
    expect(await startDaemonIn(place).answer).toEqual({
      type: 'failed',
      name: 'AlreadyUp',
      message: `a local cloud of this checkout is already up (process ${pid}, ${pageUrl}); nothing was started. Use it, or stop it with "./holdfast down" and start again`,
    });
    expect(isRunning({ pid, start: processStart(pid) ?? '' })).toBe(true);

    // It waits while one is ending.
    first.child.kill('SIGTERM');
    await until(() => place.cloud() === undefined, 'it is no longer reported as up');
    const second = startDaemonIn(place);
    expect((await second.state).pid).toBe(second.child.pid);

    // The process that started it is lost before it let go.
    second.child.disconnect();
    await until(() => second.child.exitCode !== null, 'the lost one has ended');
  });
});
