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
/** What each expression is with the file of its text, or without one; in one process. */
const readEach = (rows: readonly (readonly [text: string | undefined, expression: string])[]): Promise<unknown[]> => {
  const files = rows.map(([text], index) => {
    const file = join(folder, `${index}.env`);
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, text);
    return file;
  });
  const values = rows.map(([, expression], index) => `(globals().update(INSTANCE_ENVIRONMENT=given[${index}]), ${expression})[1]`);
  return evaluate(`[${values.join(', ')}]`, files);
};

it.each([
  [
    'a variable of the service',
    [
      ['a later line wins, as with systemd', 'PORT=1\nPORT="2"\n', 'environment_value("PORT")', '2'],
      ['another name that ends alike is another variable', 'PORT=1\nSTATUS_PORT=2\n', 'environment_value("PORT")', '1'],
      ['none', 'OTHER=1\n', 'environment_value("PORT")', ''],
      ['empty without the file', undefined, 'environment_value("PORT")', ''],
    ],
  ],
  [
    'the port of the service',
    [
      ['its own', 'PORT=8080 \n', 'port_of("PORT", 3000)', 8080],
      ["a later line's, as with systemd", 'PORT=8080\nPORT="9090" \n', 'port_of("PORT", 3000)', 9090],
      ["the contract's when it sets none", 'STATUS_PORT=8080\nPORT=\n', 'port_of("PORT", 3000)', 3000],
      [
        "the contract's when its own is longer than any number that Python reads",
        `PORT=${'9'.repeat(5_000)}\n`,
        'port_of("PORT", 3000)',
        3000,
      ],
      ["the contract's when the last line sets no number", 'PORT=8080\nPORT=http\n', 'port_of("PORT", 3000)', 3000],
      ['none when its own is out of range', 'PORT=99999\n', 'port_of("PORT", 3000)', 0],
      ['none when its own is 0', 'PORT=0\n', 'port_of("PORT", 3000)', 0],
      ["none when the contract's is out of range", '', 'port_of("PORT", 65536)', 0],
      ['none when the contract has none', '', 'port_of("PORT", None)', 0],
      ["the contract's without the file", undefined, 'port_of("PORT", 3000)', 3000],
    ],
  ],
] as const)('%s', async (_, rows) => {
  const found = await readEach(rows.map(([, text, expression]) => [text, expression]));
  expect(rows.map(([what], index) => [what, found[index]])).toEqual(rows.map(([what, , , expected]) => [what, expected]));
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
