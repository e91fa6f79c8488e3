/** What is wrong with a page for somebody who reads it at night, in sentences; for every page alike. */
import { CAUSES } from '../../../../functions/incidents/contract/causes.ts';
import type { IncidentPage } from '../../../../functions/incidents/report/incident-page.ts';
import type { ShortMessage } from '../../../../functions/incidents/report/short-message.ts';
import { markdownOf, SCREEN, textOf } from '../../../../functions/incidents/report/text.ts';
import { parseCommand } from './parse-command.ts';

const WHO =
  /^(?:Users?|Perhaps users|At (?:least|most) [\d,]+(?: and at most [\d,]+)? users|Nobody|Probably nobody|No user|Responses and sessions|It is not known|If users were)\b/;
const WHEN = /\b(?:since|until|from|first seen at|read from)\b|for an hour at least/;
const SURE = /The cause is not known\b|\bCertain\b|\bLikely, not /;
/** One word is no slug: `evictions`. */
const SLUGS = Object.values(CAUSES)
  .flat()
  .filter((cause) => cause.includes('-'));

export function pageFaults(page: IncidentPage, { subject, message }: ShortMessage): string[] {
  const text = textOf(page);
  const screen = text.split('\n').reduce((lines, line) => lines + Math.max(1, Math.ceil(line.length / SCREEN.columns)), 0);
  return [
    ...[text, message, markdownOf(page)].flatMap((one) =>
      one.split('\n').flatMap((line) => (/:\s*$/.test(line) ? [`ends in a colon: ${line}`] : [])),
    ),
    ...(WHO.test(page.headline) ? [] : [`the first line does not say who: ${page.headline}`]),
    ...(WHEN.test(page.headline) ? [] : [`the first line does not say since when: ${page.headline}`]),
    ...(SURE.test(page.why) ? [] : [`the cause does not say how sure: ${page.why}`]),
    ...(message.startsWith(page.headline.slice(0, 200)) ? [] : ['the message does not begin with the first line']),
    ...(screen <= SCREEN.lines ? [] : [`the screen has ${screen} lines`]),
    ...(text.includes('\n1. ') === page.next.length > 0 ? [] : ['nothing to do is on the screen']),
    ...[text, message, subject, markdownOf(page)].flatMap(slugsIn),
    ...page.next.flatMap(({ text: step, commands }) => [
      ...(/[.!?]$/.test(step) ? [] : [`no sentence: ${step}`]),
      ...(step.length <= 300 ? [] : [`a step of ${step.length} characters: ${step}`]),
      ...commandFaults(commands),
    ]),
  ];
}

/** Addresses of the documentation, and names of alarms and of mitigations, are no slug of a cause. */
function slugsIn(text: string): string[] {
  const words = text.replaceAll(/\S*(?:#|\.md)\S*/g, '').split(/[^\w-]+/);
  return SLUGS.filter((slug) => words.includes(slug)).map((slug) => `has the slug ${slug}`);
}

function commandFaults(commands: readonly string[]): string[] {
  return commands.flatMap((command) => {
    if (/<[a-z]|…|\b(?:ID|NODE|OLD|NAME|VERSION)\b/.test(command)) return [`has a placeholder: ${command}`];
    if (command.startsWith('./holdfast ')) return faultOf(command);
    // At night nobody lets a shell read what a command prints, without having read it.
    if (/\beval\b/.test(command)) return [`is read by the shell unseen: ${command}`];
    const unset = [...command.replaceAll(/'[^']*'/g, '').matchAll(/\$(\w+)/g)];
    if (unset.length > 0) return [`uses ${unset.map(([name]) => name).join(', ')}, which nothing sets: ${command}`];
    return /^(?:\w+=\S+ )*aws [a-z0-9]+ [a-z-]+ .*--(?:region|endpoint-url) /.test(command) ? [] : [`is no whole command: ${command}`];
  });
}

function faultOf(command: string): string[] {
  try {
    parseCommand(command);
    return [];
  } catch (error) {
    return [`${(error as Error).message}: ${command}`];
  }
}
