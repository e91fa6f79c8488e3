/** The Java examples over HTTPS, two servers each: nothing is found but what their recipe accepts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoJava } from '../../setup/java.mjs';
import { FULL } from '../e2e/full-run.ts';
import { examine, KNOWN } from './examine.ts';
import { type JavaSites, startJavaSites } from './java-sites.ts';

const noJava = whyNoJava();

describe.skipIf(!FULL || noJava !== undefined)(`the canary of Java servers${noJava ? ` (${noJava})` : ''}`, { timeout: 240_000 }, () => {
  let sites: JavaSites;
  beforeAll(async () => {
    sites = await startJavaSites();
    // The first time Maven fetches what the examples run on.
  }, 900_000);
  afterAll(() => sites?.stop());

  it.each(['spring-app', 'tomcat-app'] as const)('finds in %s exactly what it lacks', async (example) => {
    const { report, findings } = await examine(sites, example);
    expect(findings).toEqual(KNOWN[example]);
    expect(report.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
  });
});
