/** Requests as they come over the wire: what is answered, what is refused, and that a refused one changes nothing. */
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '../../console/read-json.ts';
import { type Console, startConsole } from '../../console/server.ts';
import { createFakeBackend, type FakeBackend, furnish, MACHINE } from './fake-backend.ts';
import { CLOUD } from './shown-cloud.ts';

const TOKEN = 'a-token';
const VIEWER = { minutes: 15, theme: 'dark', width: 300, height: 200, locale: 'en', timeZone: 'UTC', offsetMinutes: 0 };
let fake: FakeBackend;
let served: Console;
beforeEach(async () => {
  fake = createFakeBackend();
  await furnish(fake);
  served = await startConsole({ port: 0, token: TOKEN, backend: async () => fake, describeCloud: () => CLOUD });
});
afterEach(() => served.close());

interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** By node:http, which sends the host and origin that it is told. */
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
  const { error } = JSON.parse(text) as { error: { code: string; message: string } };
  return [status, error.code, error.message];
};
const read = async (path: string) => JSON.parse((await send(`/api/${path}`)).text);
const change = (path: string, value: unknown, headers: Record<string, string> = {}) =>
  send(`/api/${path}`, {
    method: 'POST',
    headers: { origin: new URL(served.url).origin, 'x-holdfast-token': TOKEN, 'content-type': 'application/json', ...headers },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  });
const changes = () => [...fake.started, ...fake.stopped, ...fake.invoked];

describe('the page', () => {
  it('is served with a policy that lets it load what is its own, and keeps nothing', async () => {
    const { status, headers, text } = await send('/');
    expect([status, text]).toEqual([200, expect.stringContaining('<main id="main"')]);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(text).not.toMatch(/<script>|https?:|style=/);
  });

  it('comes with its code in one piece, which holds no token', async () => {
    const { status, headers, text } = await send('/console.js');
    expect([status, headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(text.length).toBeGreaterThan(100_000);
    expect(text).not.toContain(TOKEN);
  });

  it.each(['/', '/console.css', '/icon.svg', '/api/cloud', '/api/deploys', '/api/nothing'])(
    'gives its token to nobody who asks for %s',
    async (path) => {
      const { text, headers } = await send(path);
      expect(text + JSON.stringify(headers)).not.toContain(TOKEN);
    },
  );
});

describe('every request', () => {
  it.each(['/', '/console.js', '/api/deploys'])('to %s is refused under another name', async (path) => {
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
    expect(errorOf(await send(path, { method })).slice(0, 2)).toEqual([status, code]);
    expect(changes()).toEqual([]);
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
      [path, 'a type that forms have', { 'content-type': 'text/plain' }, 415] as const,
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
    ['what is no JSON', 'deploys', '{"version":', 400, 'InvalidJson'],
    ['nothing', 'deploys', '', 400, 'InvalidJson'],
    ['too much', 'deploys', JSON.stringify({ version: 'x'.repeat(MAX_BODY_BYTES) }), 413, 'BodyTooLarge'],
    ['a version that is none', 'deploys', { version: '../1' }, 400, 'InvalidVersion'],
    ['a version that nobody published', 'deploys', { version: '9.9.9' }, 400, 'ReleaseNotFound'],
    ['no version', 'deploys', {}, 400, 'InvalidInput'],
    ['something that is not asked for', 'deploys', { version: '1.1.0', recover: true }, 400, 'InvalidInput'],
    ['an end that there is not', 'deploys', { version: '1.1.0', onFailure: 'shrug' }, 400, 'InvalidInput'],
    ['a deploy that there is not', 'deploys/none/abort', {}, 404, 'NoSuchDeploy'],
    ['a deploy that has ended', 'deploys/5a1e0c77-success/abort', {}, 400, 'DeployEnded'],
    ['an id that is none', 'deploys/a%20b/abort', {}, 400, 'InvalidDeploy'],
    ['one that succeeded', 'deploys/5a1e0c77-success/resume', {}, 400, 'NothingToResume'],
    ['one that runs', 'deploys/c0ffee12-running/resume', {}, 409, 'DeployRuns'],
    ['no word on writing', 'sweeps', {}, 400, 'InvalidInput'],
    ['a policy that is none', 'sweeps', { dryRun: true, policy: 'shred' }, 400, 'InvalidOption'],
    ['a widget that no function draws', 'dashboards/holdfast-store/widgets/0', VIEWER, 404, 'NoSuchWidget'],
    ['a dashboard that there is not', 'dashboards/none/widgets/0', VIEWER, 404, 'NoSuchDashboard'],
    ['a viewer that is none', 'dashboards/holdfast-store/widgets/0', { theme: 'neon' }, 400, 'InvalidInput'],
  ])('with %s is refused in words, and nothing is done', async (_, path, value, status, code) => {
    const [answered, said, message] = errorOf(await change(path, value));
    expect([answered, said]).toEqual([status, code]);
    expect(String(message).length).toBeGreaterThan(10);
    expect(changes()).toEqual([]);
  });

  it('starts a deploy as the command does', async () => {
    const { status, text } = await change('deploys', { version: '1.1.0', onFailure: 'halt' });
    expect([status, JSON.parse(text)]).toEqual([200, { deployId: 'started-1' }]);
    expect(fake.started).toEqual([
      { stateMachineArn: `${MACHINE}:holdfast-web-deploy`, input: { version: '1.1.0', requestedBy: 'local/ann', onFailure: 'halt' } },
    ]);
  });

  it('stops the deploy that it names, by the beginning of its id too', async () => {
    expect((await change('deploys/c0ff/abort', {})).status).toBe(200);
    expect(fake.stopped).toEqual([expect.stringMatching(/:c0ffee12-running$/)]);
  });

  it('resumes with the release of the deploy that failed, and may have nobody healthy', async () => {
    expect((await change('deploys/7f00ba44-failure/resume', {})).status).toBe(200);
    expect(fake.started[0]?.input).toEqual({ version: '1.2.0', requestedBy: 'local/ann', recover: true });
  });

  it('starts a sweep as the command does, with a policy for each dialect', async () => {
    expect((await change('sweeps', { dryRun: false, policy: 'connect-redis=delete', pace: 'gentle' })).status).toBe(200);
    expect(fake.started).toEqual([
      {
        stateMachineArn: `${MACHINE}:holdfast-sweep`,
        input: { dryRun: false, policy: { 'connect-redis': 'delete' }, pace: 'gentle', requestedBy: 'local/ann' },
      },
    ]);
  });

  it('calls the function that the body of the dashboard names', async () => {
    const endpoint = 'arn:aws:lambda:us-east-1:000000000000:function:latest:live';
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
  it('is the fleet with its releases and deploys, in the words of the commands', async () => {
    expect(await read('deploys')).toMatchObject({
      fleet: 'web',
      currentVersion: '1.0.0',
      lock: 'free',
      latest: { deployId: 'c0ffee12-running' },
      deploys: [{ outcome: 'RUNNING, rolling' }, { outcome: 'FAILED, rolled back', duration: '30.0 s' }, { outcome: 'SUCCEEDED' }],
    });
  });

  it('is a deploy with the timeline of each server', async () => {
    const { targets, ...deploy } = await read('deploys/7f00ba44-failure');
    expect(deploy).toMatchObject({ error: { name: 'HealthGateFailed' }, left: 'Every server has 1.1.0 again.', cleansUp: false });
    expect(targets[0]).toMatchObject({ instanceId: 'i-0a1', words: 'rolled back to 1.1.0', timeline: { length: 8 } });
  });

  it('is a deploy that was refused, by what its execution failed with', async () => {
    fake.executions.set('refused', {
      status: 'FAILED',
      input: '{"version":"1.1.0"}',
      error: 'DeployInProgress',
      cause: 'another deploy runs',
    });
    expect(await read('deploys/refused')).toMatchObject({
      status: 'FAILED',
      to: '1.1.0',
      outcome: 'FAILED, refused: nothing was touched',
      error: { name: 'DeployInProgress', message: 'another deploy runs' },
    });
    fake.executions.set('nonsense', { status: 'FAILED', input: 'null', error: 'InvalidInput', cause: 'it names no version' });
    expect(await read('deploys/nonsense')).toMatchObject({ to: '…', requestedBy: 'unknown', error: { name: 'InvalidInput' } });
    expect(errorOf(await send('/api/deploys/never')).slice(0, 2)).toEqual([404, 'NoSuchDeploy']);
  });

  it('is the store with its sweeps, and one sweep with its report', async () => {
    const { reading, sweeps } = await read('store');
    expect(reading.rows).toContainEqual(['hit rate', '99.1 %']);
    expect(sweeps.map(({ sweepId }: { sweepId: string }) => sweepId)).toEqual(['5eeb0002-dry', '5eeb0001-scheduled']);
    const sweep = await read('sweeps/5eeb0002-dry');
    expect(sweep.lines[1]).toContain('40 would be mended');
    expect(Object.keys(sweep.report.byDialect)).toEqual(['connect-redis', 'spring']);
  });

  it('is every alarm, worst first, with the heading of the runbook', async () => {
    const { alarms } = await read('alarms');
    expect(alarms[0]).toMatchObject({ state: 'ALARM', severity: 'low', runbook: 'docs/operator-runbook.md#deploy-failed' });
    expect(await read('runbook/deploy-failed')).toMatchObject({ markdown: expect.stringContaining('**What it means.**') });
    expect(errorOf(await send('/api/runbook/none')).slice(0, 2)).toEqual([404, 'NoSuchHeading']);
  });

  it('is a dashboard in the time that is asked for', async () => {
    const { range, widgets } = await read('dashboards/holdfast-store?minutes=15');
    expect(range.endMs - range.startMs).toBe(15 * 60_000);
    expect(widgets).toHaveLength(10);
    for (const minutes of ['0', '-1', 'soon', '1e9', '21601']) {
      expect(errorOf(await send(`/api/dashboards/holdfast-sessions?minutes=${minutes}`)).slice(0, 2)).toEqual([400, 'InvalidRange']);
    }
  });

  it('says of one widget alone what could not be read', async () => {
    fake.trouble = new Error('the metrics are away');
    const { widgets } = await read('dashboards/holdfast-store');
    const kinds = widgets.map(({ content }: { content: { kind: string } }) => content.kind);
    expect(new Set(kinds)).toEqual(new Set(['failed', 'alarms']));
    expect(widgets[0].content).toEqual({ kind: 'failed', code: 'Failed', message: 'the metrics are away' });
  });
});
