/** The benchmark of WARs that others wrote, with one of them: what it prints, and that nothing is lost. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { whyNoJava } from '../../../../setup/java.mjs';
import type { WarCase } from '../../deploy/wars/judge-wars.ts';

const MAIN = path.resolve(import.meta.dirname, '../../deploy/main.ts');
const LIMIT_MS = 20 * 60_000;

it.skipIf(whyNoJava() !== undefined)(
  'Wicket’s examples lose no log-in and no click through a deploy, the death of a server and the replacement of another',
  async () => {
    const words = ['--disable-warning=ExperimentalWarning', MAIN, '--wars', '--only', 'wicket-9', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: LIMIT_MS });
    const { cases } = JSON.parse(stdout) as { readonly cases: readonly WarCase[] };
    expect(cases).toHaveLength(1);
    const [one] = cases as [WarCase];
    expect(one).toMatchObject({ strategy: 'redis with stickiness', failed: 0, unwritten: [] });
    expect(one.stateKept[0]).toBe(one.stateKept[1]);
    expect(one.loginsKept[0]).toBe(one.loginsKept[1]);
    expect(one.stateKept[1]).toBeGreaterThan(100);
  },
  LIMIT_MS + 60_000,
);
