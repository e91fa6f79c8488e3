import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { evaluate } from './run-python.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-environment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (file: string) => evaluate('(globals().update(INSTANCE_ENVIRONMENT=given), environment_value("PORT"))[1]', file);

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
