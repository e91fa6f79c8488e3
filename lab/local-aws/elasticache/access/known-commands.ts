/** Compares access strings with the commands that an engine knows. Pure. */

/** Names in lower case, with subcommands as `client|no-touch`. */
export type CommandNames = ReadonlySet<string>;

/** `+get`, `-client|kill`; categories begin with @, and keys and channels with another character. */
const COMMAND_RULE = /^[+-](?!@)(.+)$/;

/**
 * @param tokens of `accessStringTokens`; selectors are looked into
 * @returns commands that the engine does not know: it would refuse the whole user
 */
export function unknownCommands(tokens: readonly string[], known: CommandNames): readonly string[] {
  return tokens.flatMap((token) => {
    if (token.startsWith('(')) return unknownCommands(token.slice(1, -1).trim().split(/\s+/), known);
    const command = COMMAND_RULE.exec(token)?.[1]?.toLowerCase();
    return command === undefined || isKnown(command, known) ? [] : [command];
  });
}

/** The tokens without the commands that the engine does not know. */
export function withoutUnknown(tokens: readonly string[], known: CommandNames): readonly string[] {
  return tokens.flatMap((token) => {
    if (token.startsWith('(')) return [`(${withoutUnknown(token.slice(1, -1).trim().split(/\s+/), known).join(' ')})`];
    return unknownCommands([token], known).length === 0 ? [token] : [];
  });
}

/** The engine takes any first argument of a command without subcommands: `+select|0`. */
function isKnown(command: string, known: CommandNames): boolean {
  if (known.has(command)) return true;
  const [name = '', argument] = command.split('|');
  return argument !== undefined && known.has(name) && ![...known].some((each) => each.startsWith(`${name}|`));
}
