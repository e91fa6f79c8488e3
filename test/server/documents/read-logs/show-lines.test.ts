/** Lines around a time: the nearest ones, whole entries, and no secret. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { showLinesOutput } from '../../../../functions/incidents/lines/contract.ts';
import { showLinesContent } from '../../../../server/documents/read-logs.ts';
import { runStep } from '../run-step.ts';
import { FROM_MS, MINUTE_MS, type PlantedServer, plantServer } from './planted-server.ts';

let server: PlantedServer;
beforeEach(() => {
  server = plantServer();
  server.contract({ logs: { application: 'app.log' } });
});
afterEach(() => server.remove());

const CONTENT = showLinesContent();
const at = (minute: number) => FROM_MS + minute * MINUTE_MS;
const iso = (minute: number) => new Date(at(minute)).toISOString();

async function show(lines: readonly string[], around = 30, minutes = 5) {
  server.write('app.log', lines.join('\n'));
  const environment = {
    HOLDFAST_ROOT: server.root,
    PATH: `${server.root}/bin`,
    SSM_fromMs: String(at(around - minutes)),
    SSM_toMs: String(at(around + minutes)),
  };
  const { stdout } = await runStep(CONTENT, 'showLines', server.root, environment);
  expect(stdout.length).toBeLessThanOrEqual(24_000);
  return { stdout, output: showLinesOutput.parse(JSON.parse(stdout)) };
}

it('shows each entry whole, in the order of time, and nothing of before or after', async () => {
  const { output } = await show([
    `${iso(20)} before`,
    `${iso(29)} ERROR cart failed`,
    'java.lang.IllegalStateException: no cart',
    '\tat com.example.Cart.open(Cart.java:1)',
    `${iso(31)} went on`,
    `${iso(40)} after`,
  ]);
  expect(output).toEqual({
    lines: [
      [at(29), expect.stringContaining('ERROR cart failed')],
      [at(29), 'java.lang.IllegalStateException: no cart'],
      [at(29), expect.stringContaining('com.example.Cart.open')],
      [at(31), expect.stringContaining('went on')],
    ],
    gaps: [],
  });
});

it('shows what is nearest to the time where not all fits, and says so', async () => {
  const words = 'the quick brown fox jumps over the lazy dog again '.repeat(4).trim();
  const { output } = await show(Array.from({ length: 600 }, (_, second) => `${iso(25 + second / 60)} ${words}`));
  expect(output.cut).toBe(true);
  expect(output.lines.length).toBeGreaterThan(50);
  const times = output.lines.map(([atMs]) => atMs);
  expect([Math.min(...times) > at(28), Math.max(...times) < at(32)]).toEqual([true, true]);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});

it('lets no secret, id of a session, address of a person or control character out', async () => {
  server.environment({ DB_PASSWORD: 'correct horse battery', SESSION_SECRET: 'kept-for-us' });
  const secrets = [
    'correct horse battery',
    'kept-for-us',
    '3BD6A1F00C4E4E0B9A7D5C2211EE4477',
    's:yhR9dLkPq2Wc8VbN3xZm',
    'jane.doe@example.com',
    'eyJhbGciOi',
  ];
  const { stdout, output } = await show([
    `${iso(30)} login of jane.doe@example.com with password=${secrets[0]}`,
    `${iso(30)} Cookie: JSESSIONID=3BD6A1F00C4E4E0B9A7D5C2211EE4477; connect.sid=s:yhR9dLkPq2Wc8VbN3xZm.abc`,
    `${iso(30)} Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl`,
    `${iso(30)} ERROR signing with ${secrets[1]} \u001b[31mred\u001b[0m ${'x '.repeat(2_000)}${secrets[0]}`,
    `java.lang.IllegalStateException: ${'y'.repeat(1_990)}${secrets[0]}`,
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj',
  ]);
  expect(output.lines.length).toBeGreaterThan(4);
  for (const secret of [...secrets, 'MIIEvQIBADAN', '\u001b', 'correct', 'battery']) expect(stdout, secret).not.toContain(secret);
});

it('says what it cannot read', async () => {
  server.contract({ logs: { application: 'gone.log' } });
  expect((await show([`${iso(30)} x`])).output).toEqual({ lines: [], gaps: ['logs.application: No such file or directory'] });
});

it.each([
  ['Ruby', `{"password"=>"hunter2x", :secret=>"hunter2x"}`],
  ['PHP', 'Array ( [password] => hunter2x )'],
  ['JSON with escapes', '{"msg":"login","password":"ab\\"hunter2x"}'],
  ['JSON in a text', '{} password="ab\\"hunter2x"'],
])('masks what a label of %s names', async (_, text) => {
  const { stdout, output } = await show([`${iso(30)} ${text}`]);
  expect([stdout.includes('hunter2x'), output.lines.length]).toEqual([false, 1]);
});

it('masks a value on the line after its label', async () => {
  const { stdout } = await show([`${iso(30)} ERROR dump`, ' ["password"]=>', ' string(8) "hunter2x"', ' "token":', ' "hunter2x"']);
  expect(stdout).not.toContain('hunter2x');
});

it('shows what fits of a large trace, and the entries around it', async () => {
  const frames = Array.from({ length: 119 }, (_, at) => `\tat com.example.${'shop.cart.order.'.repeat(10)}Cart.open(Cart.java:${at})`);
  const { output } = await show([`${iso(29.9)} before`, `${iso(30)} ERROR failed`, ...frames, `${iso(30.1)} after`]);
  expect(output.cut).toBe(true);
  expect(output.lines.length).toBeGreaterThan(50);
});

it('cuts a line that masks have made longer', async () => {
  const { output } = await show([`${iso(30)} GET /?${'a=b&'.repeat(480)}`, `${iso(30)} next`]);
  expect(output.lines).toHaveLength(2);
});
