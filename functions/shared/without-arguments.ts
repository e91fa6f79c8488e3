/** What an engine quotes of a command that it does not know: its first arguments, up to 128 characters. */
const QUOTED = /,? with args beginning with:.*/gs;

/** An engine's message without the arguments that it quotes: keys, users' names in them, and passwords. Pure. */
export const withoutQuoted = (message: string): string => message.replaceAll(QUOTED, '');

/**
 * An error of the store's client without the arguments of its command: AUTH has a password, the others have session ids and values. The
 * Lambda runtime logs every property of an error that a function throws.
 * @returns the same error; of its command, only the name is left
 */
export function withoutArguments(error: Error): Error {
  const { message, stack } = error;
  const { command } = error as { readonly command?: { readonly name?: unknown } };
  if (command !== undefined) Object.assign(error, { command: { name: command.name } });
  const kept = withoutQuoted(message);
  if (kept !== message) {
    error.message = kept;
    // A stack begins with the message that the error was made with.
    if (stack !== undefined) error.stack = stack.replaceAll(message, () => kept);
  }
  return error;
}
