/** Fails on words that plain English does not need: part of `npm run check`, and a static check of `npm test`. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findWords } from './find-words.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const TESTS = ['architecture', 'cli', 'console', 'e2e', 'examples', 'functions', 'infra', 'ops', 'server'];
const FOLDERS = [
  ...['advisor', 'bin', 'cli', 'console', 'docs', 'examples', 'functions', 'infra', 'ops', 'server', 'setup'],
  ...['bench', 'demo', 'local-aws', 'monitoring', 'processes'].map((folder) => `lab/${folder}`),
  ...TESTS.map((folder) => `test/${folder}`),
];
const READ_BY_PEOPLE = /\.(css|html|json|md|mjs|mts|py|sh|ts|yml)$/;
const NOT_OURS = /(^|\/)(node_modules|\.[^/]+)(\/|$)|^lab\/local-aws\/test\//;

const inFolders = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
);
const atTheTop = readdirSync(REPOSITORY).filter((file) => file.endsWith('.md'));
const files = [...atTheTop, ...inFolders].filter((file) => READ_BY_PEOPLE.test(file) && !NOT_OURS.test(file));

let found = 0;
for (const file of files.sort()) {
  for (const { line, word, instead } of findWords(readFileSync(path.join(REPOSITORY, file), 'utf8'))) {
    process.stderr.write(`${file}:${line}: "${word}": write ${instead}\n`);
    found += 1;
  }
}
if (found > 0) process.stderr.write(`${found} words to replace\n`);
process.exit(found === 0 ? 0 : 1);
