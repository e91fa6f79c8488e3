/** What holds in every history, judged from the commands in the order in which the store carried them out. */
import { createNames } from '../../../session/user-sessions/user-sessions.mjs';
import type { Actor, Command } from './scheduled-client.ts';
import { PREFIX, USER_KEY } from './site.ts';

interface Known {
  readonly id: string;
  /** Hash of the user whose login it was. */
  user?: string;
  /** Number of the command that made it a member of the user's list. */
  pushedAt?: number;
  endedAt?: number;
}

/** Requests that end sessions by the right of their own. */
const DECIDES = /^(endOthers|end) /;

const names = createNames(PREFIX, USER_KEY);
export const listOf = (user: string): string => names.listOf(names.hashOf(user));
const isSession = (key: string) => !key.slice(PREFIX.length).includes(':');

export class HistoryModel {
  readonly sessions = new Map<string, Known>();
  readonly violations: string[] = [];
  readonly #max: number;
  /** The number of the command by which each actor last read or changed a list. */
  readonly #lists = new Map<Actor, number>();
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  readonly #say = (text: string) => this.violations.push(`command ${this.#count}: ${text}`);

  /** A session that ends after the last command, and without one of an application: it timed out. */
  timedOut(id: string): void {
    const session = this.sessions.get(id);
    if (session) session.endedAt ??= this.#count + 0.5;
  }

  /** @param own the session of the actor's request; before its login, if it is one */
  see({ actor, name, words, reply }: Command, own: string | undefined): void {
    this.#count += 1;
    const key = String(words[0]);
    if (name === 'lRange') this.#lists.set(actor, this.#count);
    if (name === 'push') this.#pushed(actor, key, String(words[1]));
    if (!isSession(key)) return;
    const id = key.slice(PREFIX.length);
    const known = this.sessions.get(id);
    if (name === 'set' && reply === 'OK') {
      if (known?.endedAt !== undefined) this.#say(`${actor.name} brought a session back`);
      if (known === undefined) this.sessions.set(id, { id });
    }
    if (name === 'getEx' && reply !== null && known?.endedAt !== undefined) this.#say(`${actor.name} read a session that had ended`);
    if (name === 'del' && reply === 1 && known) {
      known.endedAt ??= this.#count;
      if (actor.name.startsWith('login') && id !== own) this.#surplus(actor, known);
      if (DECIDES.test(actor.name)) this.#decided(actor, own);
    }
  }

  #pushed(actor: Actor, list: string, id: string): void {
    const session = this.sessions.get(id);
    if (session === undefined || session.endedAt !== undefined) return;
    Object.assign(session, { user: list, pushedAt: this.#count });
    this.#lists.set(actor, this.#count);
  }

  /** A login ends a session only if as many newer ones lived, when it read the list or later. */
  #surplus(actor: Actor, ended: Known): void {
    const readAt = this.#lists.get(actor) ?? this.#count;
    const newer = [...this.sessions.values()].filter(
      ({ user, pushedAt = 0, endedAt }) =>
        user === ended.user && pushedAt > (ended.pushedAt ?? 0) && (endedAt === undefined || endedAt > readAt),
    );
    // The login's own session is gone where the login failed: then it is what was ended.
    if (ended.user !== undefined && newer.length < this.#max) this.#say(`${actor.name} ended one of the newest ${this.#max} sessions`);
  }

  /** A session that had ended before its request read the list ends no other. */
  #decided(actor: Actor, own: string | undefined): void {
    const { endedAt = Number.POSITIVE_INFINITY } = this.sessions.get(own ?? '') ?? {};
    if (endedAt < (this.#lists.get(actor) ?? 0)) this.#say(`${actor.name} ended a session after its own had ended`);
  }

  living(list: string, before = Number.POSITIVE_INFINITY): Known[] {
    return [...this.sessions.values()].filter(
      ({ user, pushedAt = 0, endedAt }) => user === list && pushedAt <= before && endedAt === undefined,
    );
  }

  /** @param previous the session that the browser had at the beginning */
  loginResolved(actor: Actor, list: string, previous: string | undefined): void {
    if (previous !== undefined && this.sessions.get(previous)?.endedAt === undefined) this.#say(`${actor.name}: the previous id lives`);
    const own = this.#lists.get(actor) ?? 0;
    const living = this.living(list, own).length;
    if (living > this.#max) this.#say(`${actor.name}: ${living} sessions live, not ${this.#max}`);
  }

  ended(actor: Actor, id: string): void {
    if (this.sessions.get(id)?.endedAt === undefined && this.sessions.has(id)) this.#say(`${actor.name}: the session lives`);
  }

  /** Every session that had been pushed when the actor read the list has ended, but for one. */
  allEnded(actor: Actor, list: string, but?: string): void {
    const living = this.living(list, this.#lists.get(actor) ?? 0).filter(({ id }) => id !== but);
    if (living.length > 0) this.#say(`${actor.name}: ${living.length} sessions live`);
  }

  unexpected(actor: Actor, error: unknown): void {
    this.#say(`${actor.name} failed: ${(error as Error).stack ?? error}`);
  }

  /** After everyone has finished, and each user has logged in once more. */
  finish(store: ReadonlyMap<string, number>, lists: ReadonlyMap<string, readonly string[]>): void {
    for (const { id, endedAt } of this.sessions.values())
      if (store.has(PREFIX + id) === (endedAt !== undefined)) this.#say(`the store and the model differ about a session (${endedAt})`);
    for (const [key, ttl] of store) if (ttl <= 0) this.#say(`a key has no TTL: ${key.replace(/[^:]+$/, '…')}`);
    for (const [list, members] of lists) {
      const living = this.living(list).map(({ id }) => id);
      if (living.length > this.#max) this.#say(`${living.length} sessions of a user live after a login, not ${this.#max}`);
      if (living.toSorted().join() !== [...members].sort().join()) this.#say('the list of a user is not what lives');
    }
  }
}
