import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../../../functions/canary/contract/findings.ts';
import { FRAMEWORK_NAMES, fixesOf, frameworksOf } from '../../../functions/canary/findings/more-fixes.ts';
import { readCookies } from '../../../lab/corpus/cookies/recorded-cookies.ts';

const known = (cookie: string) => frameworksOf([{ what: `cookie ${cookie} has no Secure` }]);

describe('the frameworks of a site', () => {
  it.each([
    ['php', 'php'],
    ['laravel', 'laravel'],
    ['django', 'django'],
    ['rails', 'rails'],
    ['express-session', 'express'],
    ['spring-session', 'spring'],
    ['tomcat', 'tomcat'],
  ])('is known by the recorded cookie of %s', (recording, framework) => {
    expect(known(readCookies().get(recording)?.cookie ?? '')).toEqual([framework]);
  });

  it('are all where no name shows one', () => {
    expect(known('__Host-SID')).toEqual(Object.keys(FRAMEWORK_NAMES));
  });

  it('each have a fix for each finding', () => {
    for (const finding of FINDINGS) expect(Object.keys(fixesOf(finding, known('none'))), finding).toEqual(Object.keys(FRAMEWORK_NAMES));
  });
});
