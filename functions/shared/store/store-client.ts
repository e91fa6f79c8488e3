import { type Command, Redis, type RedisOptions } from 'ioredis';
import { withoutArguments } from '../without-arguments.ts';

/**
 * The client of every connection to a store: the errors of its commands do not have their arguments. All commands pass `sendCommand`,
 * those of pipelines, of transactions and of the log-in among them.
 */
export class StoreClient extends Redis {
  /** Commands whose errors have no arguments; a command that is sent again after a reconnection passes twice. */
  readonly #guarded = new WeakSet<Command>();

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    if (!this.#guarded.has(command)) {
      this.#guarded.add(command);
      const { reject } = command;
      command.reject = (error) => reject(withoutArguments(error));
    }
    return super.sendCommand(command, stream);
  }

  /** The base class would make one of its own. */
  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const options = { ...this.options, ...override } as Omit<RedisOptions, 'replyMapping'>;
    return new StoreClient(options) as unknown as ReturnType<typeof Redis.prototype.duplicate<Override>>;
  }
}
