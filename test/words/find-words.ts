/** Words and phrases that readers should not meet, and what to write instead. Pure. */

interface Rule {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** Only unambiguous ones: a sentence with one of them is better without it. */
const RULES: readonly Rule[] = [
  { pattern: /\b(tells?|told|telling)\b/gi, instead: 'report, return, publish, notify, print, show or log' },
  { pattern: /\b(mend|mends|mended|mending)\b/gi, instead: 'fix (advice) or repair (a sweep)' },
  { pattern: /\bwhoever\b/gi, instead: 'anyone who, the caller or the user' },
  { pattern: /\baloud\b/gi, instead: 'explicitly' },
  { pattern: /\b(everlasting|offenders?)\b/gi, instead: 'persistent key' },
  { pattern: /\bleft-locked\b/gi, instead: 'orphaned-lock' },
  { pattern: /\bbeside\b/gi, instead: 'next to, alongside or compared with' },
  { pattern: /\bthe (release|version) before\b(?! (a|any|each|it|its|the|they|this|you)\b)/gi, instead: 'the previous release' },
  {
    pattern: /(?<!there )\bis no (JSON|URL|file|folder|list|name|number|path|port|version)\b/gi,
    instead: 'is not valid JSON, is not a port, …',
  },
  { pattern: /\b(health|readiness)[- ]gates?\b/gi, instead: 'readiness check (a gate is the session gate)' },
  { pattern: /\b(alarms?|alerts?) (that )?(rings?|rang|goes off|go off|went off)\b/gi, instead: 'fires or goes into ALARM' },
  { pattern: /\b(answers?|exists?|followed|runs?|serves?) no more\b(?! than)/gi, instead: 'no longer …' },
  { pattern: /\bseed('s)? (script|times)\b/gi, instead: 'the shell script, or the default times' },
];

export interface FoundWord {
  /** From 1. */
  readonly line: number;
  readonly word: string;
  readonly instead: string;
}

export function findWords(text: string): readonly FoundWord[] {
  return text
    .split('\n')
    .flatMap((content, index) =>
      RULES.flatMap(({ pattern, instead }) =>
        [...content.matchAll(pattern)].map(([word]) => ({ line: index + 1, word: word as string, instead })),
      ),
    );
}
