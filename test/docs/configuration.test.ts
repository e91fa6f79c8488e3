import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deploySettings } from '../../functions/deploy/settings/settings.ts';
import { installation } from '../../infra/config/installation.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

/** Keys in the first column of a section's table. */
function documentedKeys(heading: string): readonly string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const cells = [...section.matchAll(/^\| (`[^|]*)\|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key as string));
}

it('documents every key of an installation', () => {
  expect(documentedKeys('Installation').toSorted()).toEqual(Object.keys(installation.shape).toSorted());
});

it('documents only keys of a deploy that exist', () => {
  const keys = documentedKeys('Times of a deploy');
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter((key) => !(key in deploySettings.shape))).toEqual([]);
});
