/** Which test files `npm run test:full` runs once more, on the other store engine. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FULL } from './e2e/full-run.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
/** What talks to the store in production: the sweep, the collector and the connection that both make. */
const FOLDERS = ['functions/sweep', 'functions/collect', 'functions/shared/store'];
/** About TLS handshakes, which no engine has of its own. */
const SAME_ON_EACH = new Set(['test/functions/shared/store/tls-mismatch.full.test.ts']);
const STARTS_A_STORE = /\bstart(?:Tls)?(?:Store|Cluster|Service)\(/;
const RUNS_ON_EACH_ITSELF = /\bSTORE_ENGINES\b/;

/** @returns files that start a store and do not say on which engine, relative to the repository */
export function filesForEachEngine(): string[] {
  return globSync(
    FOLDERS.map((folder) => `test/${folder}/**/*.test.ts`),
    { cwd: ROOT },
  )
    .filter((file) => !SAME_ON_EACH.has(file) && (FULL || !file.endsWith('.full.test.ts')))
    .filter((file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      return STARTS_A_STORE.test(text) && !RUNS_ON_EACH_ITSELF.test(text);
    })
    .sort();
}
