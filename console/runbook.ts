/** Sections of the operator's runbook, and whole pages of the documentation. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { optionsOf } from '../cli/command-options.ts';
import { badInput } from '../cli/failure.ts';
import { holdfast } from '../functions/shared/command-options.ts';
import { RUNBOOK_PAGES } from '../functions/shared/runbook.ts';
import { pageHref } from './browser/format.ts';

const DOCUMENTATION = path.resolve(import.meta.dirname, '../docs');
const CAUSES_PAGE = 'incidents.md';
export interface RunbookSection {
  readonly markdown: string;
}

type Place = Parameters<typeof optionsOf>[0];

/** With whole commands, for the fleet of this console: no variable has to be set before. @throws CommandFailure NoSuchHeading */
export async function readRunbookOf(place: Place, heading: string): Promise<RunbookSection> {
  return { markdown: wholeCommands((await readRunbook(heading)).markdown, place) };
}

/** What a command of the section reads once it runs. */
const READ = /\$(?:(group|store|target_group|load_balancer|listener)\b|\{load_balancer#\*:loadbalancer\/\})/g;
const COMMAND = /\.\/holdfast (?!advise\b|canary\b|down\b|help\b|init\b|up\b)[a-z-]+(?: [^\s`"$)|#&;]+)*/g;

/** The section's commands with the place in them. Pure. */
export function wholeCommands(markdown: string, place: Place): string {
  const { fleet, region, installation } = place;
  const options = optionsOf(place);
  const known = { AWS_REGION: region, installation, fleet, name: `${installation}-${fleet}`, records: `${installation}-records`, options };
  return markdown
    .replaceAll(READ, (_, name?: string) => `$(${holdfast(`status --names ${name ?? 'load_balancer_dimension'}`)})`)
    .replaceAll(/\$(AWS_REGION|installation|fleet|name|records|options)\b/g, (_, name: keyof typeof known) => known[name])
    .replaceAll(COMMAND, (command) => (command.includes(' --fleet ') ? command : `${command} ${options}`));
}

/** @param heading a heading of the runbook or its anchor, or a cause @throws CommandFailure NoSuchHeading */
export async function readRunbook(heading: string): Promise<RunbookSection> {
  for (const page of [...RUNBOOK_PAGES, CAUSES_PAGE]) {
    const text = await readFile(path.join(DOCUMENTATION, page), 'utf8');
    const markdown = sectionOf(text, heading) ?? (page === CAUSES_PAGE ? causeOf(text, heading) : undefined);
    if (markdown !== undefined) return { markdown: withLinks(markdown, page) };
  }
  throw badInput('NoSuchHeading', `the runbook has no heading ${JSON.stringify(heading)}`);
}

/** A page below its title. @param name `canary-schedule`, `runbook/at-night` @throws CommandFailure NoSuchPage */
export async function readPageOf(place: Place, name: string): Promise<RunbookSection> {
  const page = `${name}.md`;
  const text = pageHref(page) && (await readFile(path.join(DOCUMENTATION, page), 'utf8').catch(() => undefined));
  if (!text) throw badInput('NoSuchPage', `the documentation has no page ${JSON.stringify(name)}`);
  return { markdown: wholeCommands(withLinks(text.replace(/^# .*\n/, ''), page), place) };
}

/** Links to pages of the documentation lead to the console's own; other files, which it does not have, are their text. */
export const withLinks = (markdown: string, page: string): string =>
  markdown.replaceAll(/!?\[([^\]]+)\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g, (_, text: string, file: string, heading = '') => {
    const href = pageHref((file === '' ? page : path.posix.join(path.posix.dirname(page), file)) + heading);
    return href === undefined ? text : `[${text}](${href})`;
  });

/** The text below `## heading` or `### heading`, up to the next heading of its level. */
export function sectionOf(text: string, heading: string): string | undefined {
  const lines = text.split('\n');
  const wanted = anchorOf(heading);
  const [at, level] = [/^#{2,3} /, /^#+/] as const;
  const start = lines.findIndex((line) => at.test(line) && anchorOf(line.replace(at, '')) === wanted);
  if (start === -1) return undefined;
  const depth = level.exec(lines[start] ?? '')?.[0].length ?? 2;
  let inCode = false;
  const length = lines.slice(start + 1).findIndex((line) => {
    if (line.startsWith('```')) inCode = !inCode;
    return !inCode && new RegExp(`^#{1,${depth}} `).test(line);
  });
  return lines
    .slice(start + 1, length === -1 ? undefined : start + 1 + length)
    .join('\n')
    .trim();
}

/** A cause's row of the table of causes, with a heading for each of its columns. */
export function causeOf(text: string, cause: string): string | undefined {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| <a id="${cause}"></a>`));
  if (at === -1) return undefined;
  const head = lines.slice(0, at).findLast((line) => line.startsWith('| cause '));
  const cellsOf = (line = '') => line.split(/(?<!\\)\|/).slice(2, -1);
  const [names, cells] = [cellsOf(head), cellsOf(lines[at])];
  return cells
    .map((cell, index) => [names[index]?.trim() ?? '', cell.trim().split('<br>')] as const)
    .filter(([, items]) => items.join('') !== '')
    .map(([name, items]) => `### ${name}\n\n${items.map((item) => `- ${item}`).join('\n')}`)
    .join('\n\n');
}

/** The anchor that GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
