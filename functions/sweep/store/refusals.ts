/** What the store's error messages mean, on every engine. Pure. */

/** True for an error about these keys, and not about the store itself. */
export const isRefusal = ({ message }: Error): boolean =>
  /NOPERM|can't access at least one of the keys|MOVED|^ASK|CROSSSLOT|non local key|No permissions/i.test(message);

/** True where the key's slot is on another node now, or on its way there. */
export const isElsewhere = ({ message }: Error): boolean => /^(?:MOVED|ASK)/.test(message);

/** True where the user has no permission for the command, whatever the key, or the engine does not have it. */
export const isCommandRefusal = ({ message }: Error, command: string): boolean =>
  /^ERR unknown command/i.test(message) || (message.startsWith('NOPERM') && message.includes(`run the '${command.toLowerCase()}' command`));

/** ElastiCache Serverless runs only scripts that have keys. */
export const isKeylessRefusal = ({ message }: Error): boolean => /without any input keys/i.test(message);
