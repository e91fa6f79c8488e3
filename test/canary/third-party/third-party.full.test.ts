/** Applications that are not this project's, over HTTPS, two servers each: what was established by hand is found, and nothing else. */
import { describe, expect, it } from 'vitest';
import { whyNoJava } from '../../../setup/java.mjs';
import { FULL } from '../../e2e/full-run.ts';
import { createFinder } from '../../leaks/find-secrets.ts';
import { USERS } from '../recipes.ts';
import { examineThirdParty, THIRD_PARTIES } from './examine-third-party.ts';

const noJava = whyNoJava();

describe.skipIf(!FULL)('the canary of third-party applications', { timeout: 900_000 }, () => {
  it.each(THIRD_PARTIES.filter((app) => app !== 'tomcat-examples' || noJava === undefined))(
    'finds in %s exactly what was established by hand, and prints no secret',
    async (app) => {
      const { result, report, ids } = await examineThirdParty(app);
      expect(result.differences).toEqual([]);
      expect(result.found).toEqual(result.expected);
      expect(report.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
      expect(ids.size).toBeGreaterThan(10);
      const finder = createFinder([
        ...[...ids].map((value) => ({ kind: 'id', value })),
        ...Object.values(USERS).map((value) => ({ kind: 'password', value })),
      ]);
      expect(finder.find(JSON.stringify(report))).toEqual([]);
    },
  );
});
