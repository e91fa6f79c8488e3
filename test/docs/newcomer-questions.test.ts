/**
 * Twelve questions of a team with two Tomcats and a Redis, who read README.md and the page to install for twenty minutes: the pages answer
 * them. And what a newcomer meets first: README in two minutes, steps that fit on a screen.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../run-node.ts';
import { countWords, readPage } from './check/pages.ts';

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

describe('a newcomer', () => {
  it('reads README in two minutes, and sees what users notice before the first command', () => {
    const readme = readPage('README.md');
    expect(countWords(readme)).toBeLessThanOrEqual(900);
    expect(readme.split('](').length - 1).toBeLessThanOrEqual(20);
    expect(readme).not.toContain('<!--');
    expect(readme.indexOf('| what goes wrong')).toBeGreaterThan(0);
    expect(readme.indexOf('| what goes wrong')).toBeLessThan(readme.indexOf('```'));
  });

  it.each(['docs/install-existing.md', 'docs/app-contract.md', 'docs/express.md', 'docs/tomcat.md'])(
    'finds the steps of %s on the first screen',
    (page) => {
      const screen = readPage(page).split('\n').slice(0, 50);
      const numbers = screen.flatMap((line) => /^(\d)\. /.exec(line)?.[1] ?? []).map(Number);
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
      expect(numbers.length).toBeGreaterThanOrEqual(4);
      const second = readPage(page).indexOf('\n## ', readPage(page).search(/^1\. /m));
      expect(readPage(page).slice(0, second).split('\n').length, 'steps end on the first screen').toBeLessThanOrEqual(50);
    },
  );

  it('comes to what two releases need of each other from README and from each framework', () => {
    expect(countWords(readPage('docs/two-releases.md'))).toBeLessThanOrEqual(700);
    const pages = ['README.md', 'docs/tomcat.md', 'docs/spring.md', 'docs/express.md', 'docs/app-contract.md'];
    expect(pages.filter((page) => !readPage(page).includes('two-releases.md'))).toEqual([]);
  });
});
