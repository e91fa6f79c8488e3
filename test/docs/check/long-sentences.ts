/** Sentences that a reader has to read twice. */
import { withoutCode } from './pages.ts';

const MOST_WORDS = 35;

/** Paragraphs and elements of lists; tables and headings have no sentences. */
const blocksOf = (text: string): string[] =>
  withoutCode(text)
    .replace(/<!--.*?-->/gs, '')
    .split(/\n\s*\n|\n(?= *(?:[-*]|\d+\.) )|\n(?=[#|])/)
    .map((block) => block.trim().replace(/^(?:[-*]|\d+\.) /, ''))
    .filter((block) => block !== '' && !/^[#|]/.test(block));

const sentencesOf = (block: string): string[] =>
  block
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split(/(?<=[.!?:]["')*]*)\s(?=["'(*`[]*[A-Z])/);

/** A dash or an arrow is no word. */
const wordsIn = (sentence: string): number => sentence.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

export const longSentences = (text: string): string[] =>
  blocksOf(text)
    .flatMap(sentencesOf)
    .filter((sentence) => wordsIn(sentence) > MOST_WORDS);
