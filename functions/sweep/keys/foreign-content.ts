/** What values of programs show that are no session frameworks, under whatever name. Pure. */
import { CONVERSATION } from './evidence.ts';
import type { KeyValue } from './key-value.ts';
import { UNREAD } from './unread.ts';

/** Hash fields that show a program, all of them together. */
const BY_FIELDS: readonly (readonly [program: string, ...fields: readonly string[]])[] = [
  ['RQ', 'origin', 'enqueued_at'],
  ['BullMQ', 'opts', 'timestamp'],
  ['Hangfire', 'State', 'CreatedAt'],
  ['Hangfire', 'WorkerCount', 'Heartbeat'],
  ['Asynq', 'msg', 'pending_since'],
  ['Spring Data', '_class'],
  ['the cache of ASP.NET Core', 'absexp', 'sldexp'],
];
const BY_TEXT: readonly (readonly [program: string, shows: (text: string) => boolean])[] = [
  ['Celery', (text) => text.startsWith('{"status"') || text.includes('"task_id"')],
  ['a program of conversations', (text) => text.startsWith('{') && CONVERSATION.test(text)],
  ['the cache of Spring', (text) => text.startsWith('\xac\xed\x00\x05') && !/session/i.test(text)],
];

export const FOREIGN_FIELDS = [...new Set(BY_FIELDS.flatMap(([, ...fields]) => fields))];

/** The program, as a part of a sentence; undefined where the value shows none of these. */
export function foreignProgram({ fields, text }: KeyValue): string | undefined {
  const byFields = BY_FIELDS.find(([, ...names]) => names.every((name) => name in fields))?.[0];
  if (byFields || text === undefined || text === UNREAD) return byFields;
  const all = text.start + (text.end ?? '');
  return BY_TEXT.find(([, shows]) => shows(all))?.[0];
}
