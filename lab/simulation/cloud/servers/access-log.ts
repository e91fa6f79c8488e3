/** What an access log has of users' requests, and what the document's script counts in it. Models server/documents/people.py. */
import { createHmac } from 'node:crypto';
import { PEOPLE_KINDS, type PeopleAnswer, type PeopleKind, type PeopleParameters } from '../../../../functions/people/contract.ts';
import type { RequestEnd } from '../contracts.ts';

interface Line {
  readonly atMs: number;
  readonly person: string;
  readonly status: number;
  readonly met: PeopleKind | undefined;
}

const ASKED_OF_ALL = PEOPLE_KINDS.filter((kind) => kind !== 'turnedAway');
const PAGE = '/';
const PART = '/app.js';
/** Longer than anything asks about. */
const KEPT_MS = 1_800_000;
const MOST_LINES = 20_000;

export class AccessLog {
  private lines: Line[] = [];

  add(atMs: number, person: string, end: RequestEnd): void {
    if (end.kind !== 'answered') return;
    const met = end.status >= 500 ? 'serverErrors' : end.met;
    this.lines.push({ atMs, person, status: met === 'missingParts' ? 404 : end.status, met });
    if (this.lines.length > MOST_LINES) this.lines = this.lines.filter((line) => atMs - line.atMs < KEPT_MS);
  }

  /** How many people met this between two moments. */
  countMet(met: PeopleKind, fromMs: number, untilMs: number): number {
    return new Set(this.between(fromMs, untilMs).flatMap((line) => (line.met === met ? [line.person] : []))).size;
  }

  /** Each request is one for a page and one for a part of it. */
  answer(parameters: PeopleParameters): PeopleAnswer {
    const { hashKey, ...times } = parameters;
    const [fromMs, untilMs, sinceMs, toMs] = [times.fromMs, times.untilMs, times.sinceMs, times.toMs].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const lengthMs = Math.max(1_000, toMs - sinceMs);
    const [before, now] = [this.between(fromMs, untilMs), this.between(sinceMs, toMs)];
    const sentOn = before.filter(({ status }) => status === 302).length;
    const asked: readonly PeopleKind[] = before.length > 0 && sentOn * 2 < before.length ? PEOPLE_KINDS : ASKED_OF_ALL;
    const rows = (lines: readonly Line[], slice: (line: Line) => number) =>
      PEOPLE_KINDS.map((kind) => {
        const of = asked.includes(kind) ? lines : [];
        const shown = of.filter(({ met }) => met === kind);
        const people = (some: readonly Line[]) => new Set(some.map((line) => `${line.person} ${slice(line)}`)).size;
        return `${people(shown)} ${people(of)} ${shown.length} ${of.length}`;
      });
    const hash = (person: string) => createHmac('sha256', hashKey).update(person).digest('hex').slice(0, 12);
    const bits = (kinds: readonly PeopleKind[]) => kinds.reduce((sum, kind) => sum | (1 << PEOPLE_KINDS.indexOf(kind)), 0).toString(16);
    const people = [...Map.groupBy(now, ({ person }) => person)].map(([person, lines]) => {
      const shown = asked.filter((kind) => lines.some(({ met }) => met === kind));
      return `${hash(person)} ${bits(asked)} ${bits(shown)}`;
    });
    return {
      showsSessions: this.lines.length > 0,
      lastMs: this.lines.at(-1)?.atMs ?? 0,
      partial: false,
      named: [before.length, now.length],
      before: rows(before, ({ atMs }) => Math.floor((atMs - fromMs) / lengthMs)),
      now: rows(now, () => 0),
      people: people.sort().slice(0, 700),
      paths: pathsOf(now),
    };
  }

  private between(fromMs: number, untilMs: number): readonly Line[] {
    return this.lines.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
  }
}

const pathsOf = (lines: readonly Line[]): string[] =>
  [...Map.groupBy(lines, ({ met }) => met)].flatMap(([met, some]) =>
    met === undefined
      ? []
      : [`${met} ${met === 'missingParts' ? PART : PAGE} ${some[0]?.status} ${new Set(some.map(({ person }) => person)).size}`],
  );
