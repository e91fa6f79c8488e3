/** `npm run check:docs`: whether what the pages name exists and is accepted, and how long pages and sentences are. */
import { parseArgs } from 'node:util';
import { brokenLinks } from './broken-links.ts';
import { pageCommands, refusedCommands } from './commands.ts';
import { configurationFiles, invalidConfigurations, shownConfigurations } from './configurations.ts';
import { longSentences } from './long-sentences.ts';
import { countWords, isForUsers, PAGES, readPage, withoutGenerated } from './pages.ts';

const HELP = `Usage: npm run check:docs -- [options]

Check README.md and docs: links and headings, commands (the command line parses each), configurations (each is valid), and sentences of
more than 35 words in pages for users. It synthesizes nothing and calls no AWS.

  --json   print exactly one line of JSON: {"pages","words","generatedWords","longSentences","commands","configurations","broken"}
  --long   print the sentences of more than 35 words, by page
  --help

Exit codes: 0 nothing is broken, 1 a link, command or configuration is broken, 2 an option is wrong.
`;

export interface DocsReport {
  readonly pages: number;
  /** Of what people write: `npm run docs` writes the others. */
  readonly words: number;
  readonly generatedWords: number;
  /** Of more than 35 words, in pages for users. */
  readonly longSentences: number;
  readonly commands: number;
  readonly configurations: number;
  readonly broken: readonly string[];
}

export async function checkDocs(): Promise<DocsReport> {
  const texts = PAGES.map((page) => ({ page, text: readPage(page) }));
  const commands = pageCommands();
  const [shown, files] = [shownConfigurations(), configurationFiles()];
  const links = PAGES.flatMap((page) => brokenLinks(page).map((link) => `${page}: ${link}`));
  const words = texts.reduce((sum, { text }) => sum + countWords(withoutGenerated(text)), 0);
  return {
    pages: PAGES.length,
    words,
    generatedWords: texts.reduce((sum, { text }) => sum + countWords(text), 0) - words,
    longSentences: texts.filter(({ page }) => isForUsers(page)).reduce((sum, { text }) => sum + longSentences(text).length, 0),
    commands: commands.length,
    configurations: shown.length + files.length,
    broken: [...links, ...(await refusedCommands(commands)), ...invalidConfigurations(shown, files)],
  };
}

function printLong(): void {
  for (const page of PAGES.filter(isForUsers))
    for (const sentence of longSentences(readPage(page))) process.stdout.write(`${page}: ${sentence}\n`);
}

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, long: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  let values: { json?: boolean; long?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  if (values.help) process.stdout.write(HELP);
  else if (values.long) printLong();
  else {
    const report = await checkDocs();
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : textOf(report));
    return report.broken.length > 0 ? 1 : 0;
  }
  return 0;
}

const textOf = ({ pages, words, generatedWords, longSentences: long, commands, configurations, broken }: DocsReport): string =>
  `${[
    `${pages} pages, ${words} words and ${generatedWords} generated ones, ${long} sentences of more than 35 words`,
    `${commands} commands, ${configurations} configurations`,
    ...(broken.length > 0 ? broken : ['nothing is broken']),
  ].join('\n')}\n`;

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
