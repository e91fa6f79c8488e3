/** Applications that the canary's makers had not tried: it says what another client had established before, and prints no secret. */
import { describe, expect, it } from 'vitest';
import { FULL } from '../../e2e/full-run.ts';
import { createFinder } from '../../leaks/find-secrets.ts';
import { USERS } from '../recipes.ts';
import { UNSEEN_NAMES, type UnseenName } from './apps.ts';
import { examineUnseen } from './examine-unseen.ts';

/** The canary logs in too often there, since each probe ends the session: it runs out of logins before the last checks. */
const TOO_MANY_LOGINS: readonly string[] = ['phpmyadmin'];

describe.skipIf(!FULL)('the canary of unseen applications', { timeout: 900_000 }, () => {
  it.each(TOO_MANY_LOGINS)('says of %s nothing that is false, and of what it does not check that it has no login left', async (app) => {
    const { result, report } = await examineUnseen(app as UnseenName);
    expect(result).toMatchObject({ falsePass: [], falseFinding: [] });
    const why = report.lines.filter(({ check, result: is }) => is === 'not-checked' && result.notCheckedWrongly.includes(check));
    expect([...new Set(why.map(({ check }) => check))].toSorted()).toEqual([...result.notCheckedWrongly].toSorted());
    for (const { check, what } of why) expect(what, check).toContain('20 logins were made, which is the limit');
  });

  it.each(UNSEEN_NAMES.filter((app) => !TOO_MANY_LOGINS.includes(app)))(
    'says of %s nothing that is false, and prints no secret',
    async (app) => {
      const { result, report, ids } = await examineUnseen(app);
      expect(result).toMatchObject({ falsePass: [], falseFinding: [] });
      expect(result.agree / result.checks).toBeGreaterThanOrEqual(0.9);
      const finder = createFinder([
        ...[...ids].filter((value) => value.length >= 12).map((value) => ({ kind: 'id', value })),
        ...Object.values(USERS).map((value) => ({ kind: 'password', value })),
      ]);
      expect(finder.find(JSON.stringify(report))).toEqual([]);
    },
  );
});
