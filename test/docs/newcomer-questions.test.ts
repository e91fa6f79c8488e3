/** Twelve questions of a team with two Tomcats and a Redis, who read README.md and the page to install for twenty minutes: the pages answer them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../run-node.ts';
import { readPage } from './check/pages.ts';

interface Question {
  readonly question: string;
  readonly answer: string;
  readonly page: string;
  readonly says: readonly string[];
}

const questions = JSON.parse(readFileSync(path.join(REPOSITORY, 'test/docs/newcomer-questions.json'), 'utf8')) as Question[];

it.each(questions)('$question', ({ page, says }) => {
  const text = readPage(page).replaceAll(/\s+/g, ' ');
  expect(says.filter((words) => !text.includes(words))).toEqual([]);
});

it('are on pages that README.md links to', () => {
  const readme = readPage('README.md');
  expect(questions.filter(({ page }) => page !== 'README.md' && !readme.includes(`(${page}`))).toEqual([]);
});
