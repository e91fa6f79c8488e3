/** The traffic of `up --traffic` in a process of its own, with a state folder that describes a cloud of the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { processStart } from '../../../../setup/process-start.mjs';
import { FULL } from '../../../../test/e2e/full-run.ts';
import { until } from '../../../../test/until.ts';
import { type Fault, fakeServer } from './fake-server.ts';

const MODULE = path.resolve(import.meta.dirname, '../../traffic/send-traffic.ts');
const FIGURES = /: \d+ requests, 0 failed, 0 of 5 sessions lost\n$/;
const DRIVEN = '5 users are logged in, about 7 requests a second; Ctrl-C ends the traffic\n';
/** Five users who go on send several requests in this time. */
const QUIET_MS = 1_000;

/** A process that stands for the cloud, the file that describes it, and the traffic that it gets. */
async function start({ onTestFinished }: TestContext, fault: Fault = () => 'next', firstLine = DRIVEN) {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-traffic-'));
  const file = path.join(folder, 'cloud.json');
  const caFile = path.join(folder, 'ca.pem');
  writeFileSync(caFile, '');
  let requests = 0;
  const server = await fakeServer((visit) => {
    requests += 1;
    return fault(visit);
  });
  const cloud = spawn('sleep', ['60'], { stdio: 'ignore' });
  const pid = cloud.pid as number;
  await until(() => processStart(pid) !== undefined);
  const state = { pid, startedAtMs: 1, caFile };
  const record = (changes: object) => writeFileSync(file, JSON.stringify({ ...state, pidStart: processStart(pid), ...changes }));
  record({});
  const script = `const { sendTraffic } = await import(${JSON.stringify(MODULE)});
    const ended = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort());
    process.exit(await sendTraffic({ ...${JSON.stringify({ cloud: state, url: server.url, users: 5 })}, signal: ended.signal }, (line) => process.stdout.write(line + '\\n')));`;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', HOLDFAST_STATE_FOLDER: folder },
  });
  // It can end before anybody asks how.
  const closed = once(child, 'close');
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  onTestFinished(() => {
    for (const each of [child, cloud] as ChildProcess[]) each.kill('SIGKILL');
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await until(() => printed.includes(firstLine), 'the first line', 40_000);
  // One report was seen in which every user had sent a request. Users who get no further send few, and none afterwards.
  if (firstLine === DRIVEN) await until(() => requests > 15, 'requests', 20_000);
  return {
    child,
    cloud,
    record,
    pid,
    requests: () => requests,
    async ended() {
      const [code] = await closed;
      return { code: code as number | null, printed, sentence: printed.split('Ctrl-C ends the traffic\n')[1] ?? '' };
    },
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the traffic of up', { concurrent: true }, () => {
  // When a cloud counts as stopped is tested in cloud-fate.test.ts.
  it('ends with a cloud that stops, with one sentence, and sends nothing to one that was started since', async (context) => {
    const { record, ended, requests, pid } = await start(context);
    record({ pid: process.pid, pidStart: processStart(process.pid), startedAtMs: 2 });
    const { code, sentence } = await ended();
    expect(code).toBe(0);
    expect(sentence).toMatch(FIGURES);
    expect(sentence.split('\n')).toHaveLength(2);
    expect(sentence).toContain(`the local cloud (process ${pid}) has stopped, and the traffic with it: `);
    const before = requests();
    await pause(QUIET_MS);
    expect(requests()).toBe(before);
  });

  it('fails with a cloud that is killed, and names its log', async (context) => {
    const { cloud, ended } = await start(context);
    cloud.kill('SIGKILL');
    const { code, sentence } = await ended();
    expect(code).toBe(1);
    expect(sentence).toMatch(/ended unexpectedly \(its log is \.holdfast\/logs\/daemon\.log\), and the traffic with it/);
    expect(sentence).toMatch(FIGURES);
  });

  it.runIf(FULL)('sends nothing after its cloud has ended, even while it is suspended itself', async (context) => {
    const { child, cloud, record, requests, ended } = await start(context);
    child.kill('SIGSTOP');
    const suspended = requests();
    await until(() => requests() > suspended, 'the generator is a process of its own');
    cloud.kill('SIGKILL');
    record({ pid: process.pid, pidStart: processStart(process.pid), startedAtMs: 2 });
    await until(
      async () => {
        const before = requests();
        await pause(QUIET_MS);
        return requests() === before;
      },
      'the generator has noticed',
      5_000,
    );
    child.kill('SIGCONT');
    expect(await ended()).toMatchObject({ code: 0, sentence: expect.stringContaining('has stopped') });
  });

  it('says at once why it cannot drive an application that answers every login with 200, and fails', async (context) => {
    const { ended } = await start(context, ({ answer }) => answer(404, '<h1>Not found</h1>'), 'the traffic cannot drive this application');
    const { code, printed } = await ended();
    expect(code).toBe(1);
    expect(printed).toMatch(
      /^the traffic cannot drive this application: \d+ of \d+ requests failed\. Most of them: 404, such as \/count\. It asks for POST \/login/,
    );
    expect(printed).not.toContain('users are logged in');
  });

  it.runIf(FULL)('fails when requests failed', async (context) => {
    const { child, ended } = await start(context, ({ nth, answer }) => (nth === 20 ? answer(503, {}) : 'next'));
    await pause(2_000);
    child.kill('SIGINT');
    expect(await ended()).toMatchObject({
      code: 1,
      sentence: expect.stringMatching(/^\d+ requests, 1 failed \(1 × 503\), 0 of 5 sessions lost\n$/),
    });
  });

  it.for(['SIGINT', 'SIGTERM'] as const)('ends at %s while its cloud is up', async (signal, context) => {
    const { child, ended } = await start(context);
    child.kill(signal);
    expect(await ended()).toMatchObject({ code: 0, sentence: expect.stringMatching(/^\d+ requests, 0 failed, 0 of 5 sessions lost\n$/) });
  });
});
