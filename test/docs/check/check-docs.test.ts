import { describe, expect, it } from 'vitest';
import { configurationFiles, invalidConfigurations, shownConfigurations } from './configurations.ts';
import { longSentences } from './long-sentences.ts';
import { countWords, isForUsers, PAGES, readPage } from './pages.ts';

/** Pages of more than 2,500 words, with the most that they may have: none. Runbooks, generated pages and the list of tests have no limit. */
const LONG_PAGES: Readonly<Record<string, number>> = {};
const MOST_WORDS = 2_500;
const WITHOUT_LIMIT = /^docs\/(runbook\/.*|configuration|compatibility|incidents|internals\/(step-functions|security-tests))\.md$/;

describe('pages', () => {
  it.each(PAGES.filter(isForUsers))('%s has no sentence of more than 35 words', (page) => {
    expect(longSentences(readPage(page))).toEqual([]);
  });

  it.each(PAGES.filter((page) => !WITHOUT_LIMIT.test(page)))('%s is short enough to be read', (page) => {
    expect(countWords(readPage(page))).toBeLessThanOrEqual(LONG_PAGES[page] ?? MOST_WORDS);
  });

  it('that are in the list exist and are long', () => {
    expect(Object.keys(LONG_PAGES).filter((page) => !PAGES.includes(page) || countWords(readPage(page)) <= MOST_WORDS)).toEqual([]);
  });

  it('show valid configurations', () => {
    const shown = shownConfigurations();
    expect(shown.length).toBeGreaterThan(8);
    expect(invalidConfigurations(shown, configurationFiles())).toEqual([]);
  });
});

describe('a check of pages', () => {
  const words = (count: number) => Array.from({ length: count }, () => 'word').join(' ');

  it.each([
    ['36 words', `W${words(36)}.`, 1],
    ['35 words', `W${words(35)}.`, 0],
    ['two sentences', `W${words(20)}. And ${words(20)}.`, 0],
    ['a list', `- W${words(20)}\n- W${words(20)}`, 0],
    ['code and a table', `\`\`\`\n${words(50)}\n\`\`\`\n\n| ${words(50)} |`, 0],
    ['a link, of which the text counts', `W${words(34)} [a b](${words(9)}).`, 1],
  ])('counts %s', (_, text, found) => {
    expect(longSentences(text)).toHaveLength(found);
  });

  it('counts words, and not the marks of a table, a list or a heading', () => {
    expect(countWords('## A heading\n\n| a | b |\n| --- | --- |\n| 1 | `npx x` |\n\n- one — two · three')).toBe(10);
  });

  it('finds a configuration that is not valid', () => {
    const content = { fleets: { web: { allowPlainHttp: true, prot: 1 } } };
    expect(invalidConfigurations([{ page: 'docs/a.md', content }], [])).toEqual([expect.stringMatching(/^docs\/a\.md: .*prot/s)]);
  });
});
