import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { evaluate } from './run-python.ts';
import { scriptOf } from './unpack.ts';
import { runPython } from './warm-python.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-environment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (file: string, expression = 'environment_value("PORT")') =>
  evaluate(`(globals().update(INSTANCE_ENVIRONMENT=given), ${expression})[1]`, file);
const portIn = (file: string, port: string) => read(file, `port_of("PORT", ${port})`);

it.each([
  ['a later line wins, as with systemd', 'PORT=1\nPORT="2"\n', '2'],
  ['another name that ends alike is another variable', 'PORT=1\nSTATUS_PORT=2\n', '1'],
  ['none', 'OTHER=1\n', ''],
])('a variable of the service: %s', async (_, text, expected) => {
  const file = join(folder, 'instance.env');
  writeFileSync(file, text);
  expect(await read(file)).toBe(expected);
});

it('a variable of the service is empty without the file', async () => {
  expect(await read(join(folder, 'missing.env'))).toBe('');
});

it.each([
  ['its own', 'PORT=8080 \n', '3000', 8080],
  ["a later line's, as with systemd", 'PORT=8080\nPORT="9090" \n', '3000', 9090],
  ["the contract's when it sets none", 'STATUS_PORT=8080\nPORT=\n', '3000', 3000],
  ["the contract's when its own is longer than any number that Python reads", `PORT=${'9'.repeat(5_000)}\n`, '3000', 3000],
  ["the contract's when the last line sets no number", 'PORT=8080\nPORT=http\n', '3000', 3000],
  ['none when its own is out of range', 'PORT=99999\n', '3000', 0],
  ['none when its own is 0', 'PORT=0\n', '3000', 0],
  ["none when the contract's is out of range", '', '65536', 0],
  ['none when the contract has none', '', 'None', 0],
])('the port of the service is %s', async (_, text, port, expected) => {
  const file = join(folder, 'instance.env');
  writeFileSync(file, text);
  expect(await portIn(file, port)).toBe(expected);
});

it("the port of the service is the contract's without the file", async () => {
  expect(await portIn(join(folder, 'missing.env'), '3000')).toBe(3000);
});

it.each([
  ['a server from before its fleet had variables is named', '{"LOG_LEVEL": "info"}', true, 1],
  ['it lacks nothing of an empty list', '{}', true, 0],
  ["an existing server's environment is written by each deploy", '{"LOG_LEVEL": "info"}', false, 0],
])('%s', async (_, listed, hasPlaceholder, count) => {
  const script = scriptOf(documentContent('observe', 'releases'), 'observe').replace(/\nmain\(\)\n$/, '');
  const more = `
read_list = lambda *_: (json.loads('${listed}'), "1")
has_placeholder = lambda: ${hasPlaceholder ? 'True' : 'False'}
environment_value = lambda *_: ""
print(json.dumps(environment_read("/list")["unread"]))
`;
  const { stdout, stderr } = await runPython({ script, more, limitSeconds: 100 });
  expect([stderr, JSON.parse(stdout)]).toEqual(['', Array(count).fill(expect.stringMatching(/was launched before .*: replace it$/))]);
});
