/** Applications that the canary's makers had not tried: it says what another client had established before, and prints no secret. */
import { describe, expect, it } from 'vitest';
import { FULL } from '../../e2e/full-run.ts';
import { createFinder } from '../../leaks/find-secrets.ts';
import { USERS } from '../recipes.ts';
import { UNSEEN_NAMES } from './apps.ts';
import { examineUnseen, type UnseenResult } from './examine-unseen.ts';

describe.skipIf(!FULL)('the canary of unseen applications', { timeout: 900_000 }, () => {
  const results: UnseenResult[] = [];
  const sum = (what: 'checks' | 'agree') => results.reduce((total, result) => total + result[what], 0);

  it.for(UNSEEN_NAMES)('says of %s nothing that is false, and prints no secret', async (app, context) => {
    const { result, report, ids } = await examineUnseen(app);
    if (result.skipped !== undefined) return context.skip(result.skipped);
    results.push(result);
    expect(result).toMatchObject({ falsePass: [], falseFinding: [] });
    const finder = createFinder([
      ...[...ids].filter((value) => value.length >= 12).map((value) => ({ kind: 'id', value })),
      ...Object.values(USERS).map((value) => ({ kind: 'password', value })),
    ]);
    expect(finder.find(JSON.stringify(report))).toEqual([]);
  });

  it('agrees with the truth in 90 % of the checks that apply', () => {
    expect(sum('agree'), JSON.stringify(results)).toBeGreaterThanOrEqual(0.9 * sum('checks'));
    expect(results.length).toBeGreaterThanOrEqual(1);
  });
});
