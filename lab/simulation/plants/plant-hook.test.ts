import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Plant } from './plant.ts';
import { changeText } from './plant-hook.ts';

const PLANT = { name: 'nobody waits', file: 'wait.ts', text: 'return WAIT;', becomes: 'return 0;' } as const;
const SOURCE = 'const WAIT: number = 5;\nexport function wait(): number {\n  return WAIT;\n}\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plant-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a plant changes its text, and nothing else', () => {
  expect(changeText(SOURCE, PLANT)).toBe(SOURCE.replace('return WAIT;', 'return 0;'));
});

test('a plant whose text is gone has the plant’s name and the file in its error', () => {
  expect(() => changeText('export const wait = () => 5;', PLANT)).toThrow(/"nobody waits" does not apply: wait\.ts .* 0 times/);
});

test('a plant whose text is there twice is refused: which one is meant is unknown', () => {
  expect(() => changeText(`${SOURCE}${SOURCE}`, PLANT)).toThrow(/"nobody waits" does not apply: wait\.ts .* 2 times/);
});

/** What a process of its own prints that makes the plant and then imports the file and another one with the same text. */
function loadPlanted(source: string, plant: Omit<Plant, 'caughtBy'> = PLANT): string {
  writeFileSync(path.join(folder, 'wait.ts'), source);
  writeFileSync(path.join(folder, 'other.ts'), SOURCE);
  const hook = path.join(import.meta.dirname, 'plant-hook.ts');
  writeFileSync(
    path.join(folder, 'main.ts'),
    `import { plant } from ${JSON.stringify(hook)};
     const isLoaded = plant(${JSON.stringify(plant)}, import.meta.dirname);
     const before = isLoaded();
     try {
       const [planted, other] = [await import('./wait.ts'), await import('./other.ts')];
       console.log(before, isLoaded(), planted.wait(), other.wait());
     } catch (error) {
       console.log(error.name, error.message);
     }`,
  );
  return execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'main.ts'], { cwd: folder, encoding: 'utf8' }).trim();
}

test('the hook changes its file while it is loaded, and no other file; the file itself stays', () => {
  expect(loadPlanted(SOURCE)).toBe('false true 0 5');
});

test('a plant of two files changes both', () => {
  expect(loadPlanted(SOURCE, { ...PLANT, also: { ...PLANT, file: 'other.ts', becomes: 'return 1;' } })).toBe('false true 0 1');
});

test('a plant of two lines of one file changes both', () => {
  const also = { file: 'wait.ts', text: 'WAIT: number = 5', becomes: 'WAIT: number = 7' };
  expect(loadPlanted(SOURCE, { ...PLANT, becomes: 'return WAIT + 1;', also })).toBe('false true 8 5');
});

test('a file without the plant’s text cannot be loaded', () => {
  expect(loadPlanted('export const wait = () => 5;')).toMatch(/^PlantDoesNotApply "nobody waits" does not apply/);
});
