import { expect, it } from 'vitest';
import { findWords } from './find-words.ts';

it.each([
  ['The server was told to stop.', 'told'],
  ['Whoever asks', 'Whoever'],
  ['an alarm left-locked', 'left-locked'],
  ['every server has the release before again', 'the release before'],
  ['--port x is no port', 'is no port'],
  ['it fails at its readiness gate', 'readiness gate'],
  ['the alarm rings', 'alarm rings'],
  ['a deploy that runs no more', 'runs no more'],
])('finds a word to replace in %j', (text, word) => {
  expect(findWords(text)).toEqual([{ line: 1, word, instead: expect.stringMatching(/\w/) }]);
});

it.each([
  'a telltale of foretelling',
  'publish the release before you deploy it',
  'there is no port left',
  'the recommended version',
  'it runs no more than twice',
  'besides that',
])('accepts %j', (text) => {
  expect(findWords(text)).toEqual([]);
});

it('reports the line of each word, from 1', () => {
  expect(findWords('fine\nit tells\nthe one who told it').map(({ line, word }) => [line, word])).toEqual([
    [2, 'tells'],
    [3, 'told'],
  ]);
});
