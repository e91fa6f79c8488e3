/** Which secrets a canary's role can read: those that its recipe names, whole or by a name. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { canaryConfig } from './canary-config.ts';
import { statementsIn } from './role-statements.ts';
import { REPOSITORY, SynthesizedApp } from './synthesized.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/anna-AbCdEf';
const users = (a: string, b: string) => ({
  users: { a: { name: 'canary-anna', password: { secret: a } }, b: { name: 'canary-ben', password: { secret: b } } },
});
const PAGE = readFileSync(path.join(REPOSITORY, 'docs/internals/security-tests.md'), 'utf8');

async function readableBy(a: string, b: string): Promise<string[]> {
  const app = await SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true, canary: canaryConfig({}, users(a, b)) } } });
  const found = statementsIn(app)
    .filter(({ role, actions }) => role.startsWith('CanaryFunction') && actions.some((one) => one.startsWith('secretsmanager:')))
    .flatMap(({ actions, resources }) => resources.map((one) => `${actions} ${JSON.stringify(one)}`));
  await app.remove();
  return found;
}

describe("a canary's role", () => {
  it('reads the secret of a whole ARN, and of a name those with six characters after it', async () => {
    const [first, second, ...more] = await readableBy(ARN, 'shop/ben');
    expect([first, more]).toEqual([`secretsmanager:GetSecretValue "${ARN}"`, []]);
    expect(second).toMatch(/^secretsmanager:GetSecretValue .*:secretsmanager:us-east-1:.*:secret:shop\/ben-\?{6}/);
    expect(second).not.toContain('*');
    expect(PAGE).toContain('`NAME-??????`');
  });

  it('reads one where both users have the same', async () => {
    expect(await readableBy(ARN, ARN)).toHaveLength(1);
  });

  it.each(['*', 'shop/*', 'shop/anna-??????', 'arn:aws:secretsmanager:us-east-1:111122223333:secret:*'])(
    'is not made with a secret %s',
    async (secret) => {
      await expect(readableBy(secret, 'shop/ben')).rejects.toThrow(/must be the name of a secret .* no wildcard/);
    },
  );
});
