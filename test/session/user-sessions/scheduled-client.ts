/**
 * A client of the store whose commands run one at a time, in an order that a seed decides, each for the request that sent it. A request
 * can die between two commands, as with its server.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from './site.ts';

/** A request on its way through a server. */
export interface Actor {
  readonly name: string;
  /** It dies instead of its n-th command; undefined: it lives. */
  readonly diesAt: number | undefined;
  sent: number;
  isDead: boolean;
}

export interface Command {
  readonly actor: Actor;
  /** As in node-redis: set, getEx, del, exists, lRange, lRem, get; `push` for the login's transaction. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the words and replies of any command.
  readonly words: any[];
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly reply: any;
}

/** What a test spoils, to see that the model finds it: the command as it runs instead. */
export type Spoil = (name: string, words: unknown[], client: Client) => Promise<unknown> | undefined;

const COMMANDS = ['set', 'get', 'getEx', 'del', 'exists', 'lRange', 'lRem'] as const;
const NEVER = new Promise<never>(() => undefined);
/** Everything that follows from a reply without another command has happened after this. */
const rest = () => new Promise((resolve) => setImmediate(resolve));

export class Scheduler {
  readonly commands: Command[] = [];
  readonly #random: () => number;
  readonly #onCommand: (command: Command) => void;
  readonly #actors = new AsyncLocalStorage<Actor>();
  readonly #waiting: { readonly actor: Actor; run(): Promise<void> }[] = [];

  constructor(random: () => number, onCommand: (command: Command) => void) {
    this.#random = random;
    this.#onCommand = onCommand;
  }

  /** Runs commands of all actors until nobody waits for one. */
  async runAll(): Promise<void> {
    do {
      while (this.#waiting.length > 0) await this.runOne();
      // The end of an answer, and its cookie.
      for (let turn = 0; turn < 3; turn += 1) await rest();
    } while (this.#waiting.length > 0);
  }

  async runOne(): Promise<void> {
    const at = Math.floor(this.#random() * this.#waiting.length);
    const [next] = this.#waiting.splice(at, 1);
    await next?.run();
    await rest();
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** What the actor does is scheduled, and ends as it does; never, if the actor dies. */
  start<T>(actor: Actor, work: () => Promise<T>): Promise<T> {
    return this.#actors.run(actor, work);
  }

  /** Lets others go first, or not. */
  pause(): Promise<void> {
    return this.#take(async () => undefined);
  }

  #take<T>(work: () => Promise<T>): Promise<T> {
    const actor = this.#actors.getStore() as Actor;
    if (actor.isDead) return NEVER;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ actor, run: () => (actor.isDead ? Promise.resolve() : work().then(resolve, reject)) });
    });
  }

  #send(name: string, words: unknown[], work: () => Promise<unknown>): Promise<unknown> {
    const actor = this.#actors.getStore() as Actor;
    return this.#take(async () => {
      actor.sent += 1;
      if (actor.sent === actor.diesAt) {
        actor.isDead = true;
        return NEVER_RESOLVED;
      }
      const reply = await work();
      this.#onCommand({ actor, name, words, reply });
      return reply;
    }).then((reply) => (reply === NEVER_RESOLVED ? NEVER : reply));
  }

  /** A server's connection. */
  client(real: Client, spoil: Spoil = () => undefined): Client {
    const commands = COMMANDS.map((name) => [
      name,
      (...words: unknown[]) => this.#send(name, words, () => spoil(name, words, real) ?? real[name](...words)),
    ]);
    const multi = () => {
      const calls: [string, unknown[]][] = [];
      const chain: Client = {};
      for (const name of ['lPush', 'lRange', 'expire'])
        chain[name] = (...words: unknown[]) => {
          calls.push([name, words]);
          return chain;
        };
      chain.exec = () => {
        const words = calls[0]?.[1] as unknown[];
        const exec = () => calls.reduce((sum, [name, rest]) => sum[name](...rest), real.multi()).exec();
        return this.#send('push', words, () => spoil('push', words, real) ?? exec());
      };
      return chain;
    };
    return { ...Object.fromEntries(commands), multi };
  }
}

const NEVER_RESOLVED = Symbol('dead');
