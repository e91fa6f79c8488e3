/** Requests over HTTP: which are answered, which are refused, and that a refused one changes nothing. */
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { otherContract } from '../../cli/installation/connect-to-installation.ts';
import { MAX_BODY_BYTES } from '../../console/run-route.ts';
import { type Console, startConsole } from '../../console/server.ts';
import { createFakeBackend, type FakeBackend, furnish, MACHINE } from './fake-backend.ts';

const TOKEN = 'a-token';
const VIEWER = { minutes: 15, theme: 'dark', width: 300, height: 200, locale: 'en', timeZone: 'UTC', offsetMinutes: 0 };
let fake: FakeBackend;
let served: Console;
beforeEach(async () => {
  fake = createFakeBackend();
  await furnish(fake);
  served = await startConsole({ port: 0, token: TOKEN, backend: async () => fake });
});
afterEach(() => served.close());

interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}
/** By node:http, which can send any Host and Origin. */
function send(
  path: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(path, served.url), { method, headers }, async (reply) => {
      let text = '';
      for await (const chunk of reply) text += String(chunk);
      resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text });
    });
    request.on('error', reject).end(body);
  });
}

const errorOf = ({ status, text }: Reply) => {
  const { code, message } = JSON.parse(text).error as { code: string; message: string };
  return [status, code, message];
};
const withToken = { 'x-holdfast-token': TOKEN };
const read = async (path: string) => JSON.parse((await send(`/api/${path}`, { headers: withToken })).text);
const change = (path: string, value: unknown, headers: Record<string, string> = {}) =>
  send(`/api/${path}`, {
    method: 'POST',
    headers: { origin: new URL(served.url).origin, 'x-holdfast-token': TOKEN, 'content-type': 'application/json', ...headers },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  });
const changes = () => [...fake.started, ...fake.stopped, ...fake.invoked];

describe('the page', () => {
  it('is served with a policy that lets it load only its own files, and is not cached', async () => {
    const { status, headers, text } = await send('/');
    expect([status, text]).toEqual([200, expect.stringContaining('<main id="main"')]);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(text).not.toMatch(/<script>|https?:|style=/);
  });

  it('comes with its code in one bundle without the token', async () => {
    const { status, headers, text } = await send('/console.js');
    expect([status, headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(text.length).toBeGreaterThan(100_000);
    expect(text).not.toContain(TOKEN);
  });

  it.each(['/', '/console.css', '/icon.svg', '/api/place', '/api/deploys', '/api/nothing'])(
    'does not return its token with %s',
    async (path) => {
      const { text, headers } = await send(path, { headers: withToken });
      expect(text + JSON.stringify(headers)).not.toContain(TOKEN);
    },
  );
});

describe('every request', () => {
  it.each(['/', '/console.js', '/api/deploys'])('to %s is refused with another host name', async (path) => {
    expect(errorOf(await send(path, { headers: { host: 'holdfast.example.com' } })).slice(0, 2)).toEqual([421, 'WrongHost']);
  });

  it.each([
    ['GET', '/other', 404, 'NotFound'],
    ['GET', '/api/other', 404, 'NotFound'],
    ['GET', '/..%2f..%2fpackage.json', 404, 'NotFound'],
    ['POST', '/', 405, 'WrongMethod'],
    ['DELETE', '/api/deploys', 405, 'WrongMethod'],
    ['GET', '/api/sweeps', 405, 'WrongMethod'],
    ['GET', '/api/deploys/c0ffee12-running/abort', 405, 'WrongMethod'],
    ['GET', '/api/dashboards/holdfast-store/widgets/0', 405, 'WrongMethod'],
  ])('%s %s is answered with %i %s', async (method, path, status, code) => {
    expect(errorOf(await send(path, { method, headers: withToken })).slice(0, 2)).toEqual([status, code]);
    expect(changes()).toEqual([]);
  });
});

describe('a read', () => {
  it.each(['place', 'overview', 'deploys', 'dashboards/holdfast-store', 'runbook/deploy-failed', 'nothing'])(
    'of %s is refused without the token, and with another one',
    async (path) => {
      for (const headers of [{} as Record<string, string>, { 'x-holdfast-token': 'guessed' }, { 'x-holdfast-token': `${TOKEN}x` }])
        expect(errorOf(await send(`/api/${path}`, { headers })).slice(0, 2)).toEqual([403, 'WrongToken']);
    },
  );

  it('has no page of the local cloud, and no faults', async () => {
    for (const path of ['cloud', 'faults'])
      expect(errorOf(await send(`/api/${path}`, { headers: withToken })).slice(0, 2)).toEqual([404, 'NotFound']);
  });
});

describe('a change', () => {
  const PATHS = [
    'deploys',
    'deploys/c0ffee12-running/abort',
    'deploys/7f00ba44-failure/resume',
    'sweeps',
    'dashboards/holdfast-store/widgets/0',
  ];

  it.each(
    PATHS.flatMap((path) => [
      [path, 'another origin', { origin: 'https://example.com' }, 403] as const,
      [path, 'another token', { 'x-holdfast-token': 'guessed' }, 403] as const,
      [path, 'a content type of forms', { 'content-type': 'text/plain' }, 415] as const,
    ]),
  )('of %s is refused with %s, and nothing is done', async (path, _, headers, status) => {
    expect((await change(path, { version: '1.1.0', dryRun: true }, headers)).status).toBe(status);
    expect(changes()).toEqual([]);
  });

  it.each(PATHS)('of %s is refused without origin and token', async (path) => {
    expect((await send(`/api/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).status).toBe(403);
    expect(changes()).toEqual([]);
  });

  it.each<[string, string, unknown, number, string]>([
    ['invalid JSON', 'deploys', '{"version":', 400, 'InvalidJson'],
    ['nothing', 'deploys', '', 400, 'InvalidJson'],
    ['too long a body', 'deploys', JSON.stringify({ version: 'x'.repeat(MAX_BODY_BYTES) }), 413, 'BodyTooLarge'],
    ['an invalid version', 'deploys', { version: '../1' }, 400, 'InvalidVersion'],
    ['an unpublished version', 'deploys', { version: '9.9.9' }, 400, 'ReleaseNotFound'],
    ['no version', 'deploys', {}, 400, 'InvalidInput'],
    ['an unknown property', 'deploys', { version: '1.1.0', recover: true }, 400, 'InvalidInput'],
    ['an unknown onFailure', 'deploys', { version: '1.1.0', onFailure: 'shrug' }, 400, 'InvalidInput'],
    ['a stop that nothing would roll back from', 'deploys', { version: '1.1.0', pauseAfter: 1, onFailure: 'halt' }, 400, 'InvalidInput'],
    ['an unknown deploy', 'deploys/none/abort', {}, 404, 'NoSuchDeploy'],
    ['an ended deploy', 'deploys/5a1e0c77-success/abort', {}, 400, 'DeployEnded'],
    ['an invalid id', 'deploys/a%20b/abort', {}, 400, 'InvalidDeploy'],
    ['a deploy that succeeded', 'deploys/5a1e0c77-success/resume', {}, 400, 'NothingToResume'],
    ['a running deploy', 'deploys/c0ffee12-running/resume', {}, 409, 'DeployRuns'],
    ['no dryRun', 'sweeps', {}, 400, 'InvalidInput'],
    ['an unknown policy', 'sweeps', { dryRun: true, policy: 'shred' }, 400, 'InvalidOption'],
    ['a widget that is not custom', 'dashboards/holdfast-store/widgets/0', VIEWER, 404, 'NoSuchWidget'],
    ['an unknown dashboard', 'dashboards/none/widgets/0', VIEWER, 404, 'NoSuchDashboard'],
    ['an invalid viewer', 'dashboards/holdfast-store/widgets/0', { theme: 'neon' }, 400, 'InvalidInput'],
  ])('with %s is refused with a message, and nothing is done', async (_, path, value, status, code) => {
    const [actualStatus, actualCode, message] = errorOf(await change(path, value));
    expect([actualStatus, actualCode]).toEqual([status, code]);
    expect(String(message).length).toBeGreaterThan(10);
    expect(changes()).toEqual([]);
  });

  it.each([
    ['deploys', { version: '1.1.0' }, undefined],
    ['deploys/7f00ba44-failure/resume', {}, undefined],
    ['deploys/c0ffee12-running/continue', {}, undefined],
    ['deploys/c0ffee12-running/end-drain', {}, undefined],
    ['sweeps', { dryRun: true }, 'store'],
    ['incidents', {}, 'incidents'],
  ])('of %s is refused where the contract has become another since the console began', async (path, value, part) => {
    fake.requireContract = async (asked) => {
      expect(asked).toBe(part);
      throw otherContract({ problem: 'The installation has contract 99.', remedy: 'Update it.' });
    };
    expect(errorOf(await change(path, value))).toEqual([
      400,
      'OtherContract',
      'The installation has contract 99. Nothing was changed. Update it.',
    ]);
    expect(changes()).toEqual([]);
  });

  it('starts a deploy like the command', async () => {
    const { status, text } = await change('deploys', { version: '1.1.0', onFailure: 'halt' });
    expect([status, JSON.parse(text)]).toEqual([200, { deployId: 'started-1' }]);
    expect(fake.started).toEqual([
      { stateMachineArn: `${MACHINE}:holdfast-web-deploy`, input: { version: '1.1.0', requestedBy: 'local/ann', onFailure: 'halt' } },
    ]);
  });

  it('stops the named deploy, by the beginning of its id too', async () => {
    expect((await change('deploys/c0ff/abort', {})).status).toBe(200);
    expect(fake.stopped).toEqual([expect.stringMatching(/:c0ffee12-running$/)]);
  });

  it('resumes with the release of the failed deploy, and with its safeguards', async () => {
    expect((await change('deploys/7f00ba44-failure/resume', {})).status).toBe(200);
    expect(fake.started[0]?.input).toEqual({ version: '1.2.0', requestedBy: 'local/ann' });
  });

  it('starts a sweep like the command, with a policy per dialect', async () => {
    expect((await change('sweeps', { dryRun: false, policy: 'connect-redis=delete', pace: 'gentle' })).status).toBe(200);
    expect(fake.started).toEqual([
      {
        stateMachineArn: `${MACHINE}:holdfast-sweep`,
        input: { dryRun: false, policy: { 'connect-redis': 'delete' }, pace: 'gentle', requestedBy: 'local/ann' },
      },
    ]);
  });

  const OWN = 'arn:aws:lambda:us-east-1:000000000000:function:holdfast-web-deploys-widget:live';
  it.each([
    OWN.replace('deploys-widget', 'deploy-dry-run'),
    OWN.replace('holdfast-web', 'holdfast-eu-web'),
    OWN.replace(':live', ''),
    OWN.replace('us-east-1', 'eu-west-1'),
    OWN.replace('000000000000', '999999999999'),
    `${OWN}:live`,
    'delete-everything',
  ])('calls no function that is not a widget of the installation: %s', async (endpoint) => {
    fake.bodies.set('own', JSON.stringify({ widgets: [{ type: 'custom', properties: { endpoint } }] }));
    expect(errorOf(await change('dashboards/own/widgets/0', VIEWER)).slice(0, 2)).toEqual([404, 'NoSuchWidget']);
    expect(fake.invoked).toEqual([]);
    const { widgets } = await read('dashboards/own');
    expect(widgets[0].content).toEqual({ kind: 'unsupported', what: `what ${endpoint} draws, which is no widget of this installation` });
  });

  it('calls the function in the dashboard body', async () => {
    const endpoint = OWN;
    fake.bodies.set(
      'own',
      JSON.stringify({ widgets: [{ type: 'custom', properties: { title: 'Latest', endpoint, params: { of: 'web' } } }] }),
    );
    const { status, text } = await change('dashboards/own/widgets/0', VIEWER);
    expect([status, JSON.parse(text)]).toEqual([200, { format: 'html', text: '<p>drawn by a function</p>' }]);
    expect(fake.invoked).toMatchObject([
      { functionArn: endpoint, event: { of: 'web', widgetContext: { dashboardName: 'own', title: 'Latest', theme: 'dark' } } },
    ]);
  });
});

describe('what is read', () => {
  it('is the fleet with its releases and deploys', async () => {
    expect(await read('deploys')).toMatchObject({
      fleet: 'web',
      currentVersion: '1.0.0',
      lock: 'free',
      latest: { deployId: 'c0ffee12-running' },
      deploys: [{ outcome: 'RUNNING, rolling' }, { outcome: 'FAILED, rolled back', duration: '30.0 s' }, { outcome: 'SUCCEEDED' }],
    });
  });

  it('is for the first page the latest deploy alone, with the alarms that fire', async () => {
    const asked: unknown[] = [];
    const { listAlarms, records } = fake;
    const { latestDeploys } = records;
    Object.assign(fake, { listAlarms: (chosen: 'ALARM') => asked.push(chosen) && listAlarms(chosen) });
    records.latestDeploys = (fleet, count) => {
      asked.push(count);
      return latestDeploys(fleet, count);
    };
    const { latest, attention } = await read('overview');
    expect(asked.toSorted()).toEqual([1, 'ALARM']);
    expect([latest.deployId, attention.alarms.length]).toEqual(['c0ffee12-running', 1]);
  });

  it('is a deploy with the timeline of each server', async () => {
    const { targets, ...deploy } = await read('deploys/7f00ba44-failure');
    expect(deploy).toMatchObject({ error: { name: 'TargetNeverUp' }, fleetState: 'Every server has 1.1.0 again.', isCleaningUp: false });
    expect(targets[0]).toMatchObject({ instanceId: 'i-0a1', words: 'rolled back to 1.1.0', timeline: { length: 8 } });
  });

  it('is a refused deploy with the error of its execution', async () => {
    fake.executions.set('refused', {
      status: 'FAILED',
      input: '{"version":"1.1.0"}',
      error: 'DeployInProgress',
      cause: 'another deploy is running',
    });
    expect(await read('deploys/refused')).toMatchObject({
      status: 'FAILED',
      to: '1.1.0',
      outcome: 'refused: nothing was changed',
      error: { name: 'DeployInProgress', message: 'another deploy is running' },
    });
    fake.executions.set('nonsense', { status: 'FAILED', input: 'null', error: 'InvalidInput', cause: 'it names no version' });
    expect(await read('deploys/nonsense')).toMatchObject({ to: '…', requestedBy: 'unknown', error: { name: 'InvalidInput' } });
    expect(errorOf(await send('/api/deploys/never', { headers: withToken })).slice(0, 2)).toEqual([404, 'NoSuchDeploy']);
  });

  it('is the store with its sweeps, and one sweep with its report', async () => {
    const { reading, sweeps } = await read('store');
    expect(reading.rows).toContainEqual(['hit rate', '99.1 %']);
    expect(sweeps.map(({ sweepId }: { sweepId: string }) => sweepId)).toEqual(['5eeb0002-dry', '5eeb0001-scheduled']);
    const sweep = await read('sweeps/5eeb0002-dry');
    expect(sweep.lines[1]).toContain('40 would be repaired');
    expect(Object.keys(sweep.report.byDialect)).toEqual(['connect-redis', 'spring']);
  });

  it('is every alarm, worst first, with its section of the runbook', async () => {
    const { alarms } = await read('alarms');
    expect(alarms[0]).toMatchObject({ state: 'ALARM', severity: 'low', runbook: 'docs/runbook/deploys.md#deploy-failed' });
    expect(await read('runbook/deploy-failed')).toMatchObject({ markdown: expect.stringContaining('**It means:**') });
    expect(errorOf(await send('/api/runbook/none', { headers: withToken })).slice(0, 2)).toEqual([404, 'NoSuchHeading']);
  });

  it('is a dashboard in the requested time range', async () => {
    const { range, widgets } = await read('dashboards/holdfast-store?minutes=15');
    expect(range.endMs - range.startMs).toBe(15 * 60_000);
    expect(widgets).toHaveLength(10);
    for (const minutes of ['0', '-1', 'soon', '1e9', '21601']) {
      expect(errorOf(await send(`/api/dashboards/holdfast-sessions?minutes=${minutes}`, { headers: withToken })).slice(0, 2)).toEqual([
        400,
        'InvalidRange',
      ]);
    }
  });

  it('has the graphs without the deploys of a fleet that the caller may not read', async () => {
    fake.records.latestDeploys = () => Promise.reject(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }));
    const { widgets } = await read('dashboards/holdfast-sessions');
    expect(widgets.filter(({ content }: { content: { kind: string } }) => content.kind === 'failed')).toEqual([]);
  });

  it.each([
    ['-P7D', 10_080],
    ['-P90D', 21_600],
    [undefined, 15],
  ])('is a dashboard whose body begins at %s over %i minutes, where no range is chosen', async (start, minutes) => {
    fake.bodies.set('own', JSON.stringify({ start, widgets: [] }));
    const { range } = await read('dashboards/own');
    expect(range.endMs - range.startMs).toBe(minutes * 60_000);
  });

  it('has no alarm of another place, which it names, and says which one of this place does not exist', async () => {
    const alarms = ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:gone', 'arn:aws:cloudwatch:eu-west-1:999999999999:alarm:theirs'];
    fake.bodies.set('own', JSON.stringify({ widgets: [{ type: 'alarm', properties: { alarms } }] }));
    expect((await read('dashboards/own')).widgets[0].content.missing).toEqual([
      { name: 'gone', why: 'does not exist' },
      { name: 'theirs', why: 'is in eu-west-1, account 999999999999, where this console does not read' },
    ]);
  });

  it('has an error for each widget that could not be read', async () => {
    fake.trouble = new Error('the metrics are unavailable');
    const { widgets } = await read('dashboards/holdfast-store');
    const kinds = widgets.map(({ content }: { content: { kind: string } }) => content.kind);
    expect(new Set(kinds)).toEqual(new Set(['failed', 'alarms']));
    expect(widgets[0].content).toEqual({ kind: 'failed', code: 'Failed', message: 'the metrics are unavailable' });
  });
});
