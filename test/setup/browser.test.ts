import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserMissing, findChromium } from '../../setup/browser.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

describe('finding the browser', () => {
  let folder: string;
  const write = (name: string, printed: string) => writeProgram(folder, name, `echo '${printed}'`);
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['chromium', 'Chromium 140.0.1 built on Debian'],
    ['google-chrome', 'Google Chrome 141.0.2'],
  ])('takes %s', (name, printed) => {
    const path = write(name, printed);
    expect(findChromium({}, [folder])).toBe(path);
  });

  it('skips a program that only explains how to install one, as the placeholder for a snap does', () => {
    write('chromium-browser', 'Command requires the chromium snap to be installed.');
    const path = write('google-chrome', 'Google Chrome 141.0.2');
    expect(findChromium({}, [folder])).toBe(path);
  });

  it('takes the one that HOLDFAST_BROWSER names, and quotes it when it is not a browser', () => {
    const mine = write('mine', 'Chromium 1.0');
    write('chromium', 'Chromium 2.0');
    expect(findChromium({ HOLDFAST_BROWSER: mine }, [folder])).toBe(mine);
    expect(() => findChromium({ HOLDFAST_BROWSER: '/nowhere' }, [folder])).toThrow(
      'HOLDFAST_BROWSER is /nowhere, which does not run as Chromium',
    );
  });

  it('explains in one sentence what to install', () => {
    expect(browserMissing().message).toMatch(/none was found: install one with `sudo apt-get install chromium` \(Debian\)/);
  });
});
