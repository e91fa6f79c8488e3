import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readFilledRecipe } from '../../traffic/read-filled-recipe.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-recipe-'));
afterAll(() => rmSync(folder, { recursive: true }));

const STEPS = [{ post: '/login', json: { name: '{name}', password: '{password}' } }];
const withUser = (password: object, more: object = { login: STEPS }) => ({
  users: { a: { name: 'anna', password } },
  who: { get: '/me' },
  ...more,
});

it.each<[object | undefined, string, RegExp]>([
  [undefined, 'InvalidRecipe', /^r\.json cannot be read \(ENOENT\)\. Nothing was started\./],
  [
    withUser({ secret: 'shop' }),
    'InvalidRecipe',
    /has the password shop in Secrets Manager, which the local cloud does not ask\. Nothing was started/,
  ],
  [withUser({ environment: 'HOLDFAST_NOT_SET' }), 'NoPassword', /HOLDFAST_NOT_SET is not set/],
  [withUser({ environment: 'PATH' }, { jar: ['node', 'jar.mjs'] }), 'InvalidRecipe', /has "jar", and the traffic logs in by steps/],
  [{}, 'InvalidRecipe', /users is missing/],
])('%o is refused as %s', async (recipe, name, message) => {
  rmSync(path.join(folder, 'r.json'), { force: true });
  if (recipe) writeFileSync(path.join(folder, 'r.json'), JSON.stringify(recipe));
  const error = await readFilledRecipe('r.json', folder).catch((thrown: unknown) => thrown as Error & { code?: string });
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
  expect([(error as { code?: string }).code, (error as Error).name]).toContain(name);
});

it('has the passwords of the environment', async () => {
  writeFileSync(path.join(folder, 'r.json'), JSON.stringify(withUser({ environment: 'PATH' })));
  expect((await readFilledRecipe('r.json', folder)).passwords).toEqual({ anna: process.env['PATH'] });
});
