import { RespCommands } from './resp-commands.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Commands that a serverless cache refuses, or that it is not known to have, and the error. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^(?:EVAL|EVALSHA)(?:_RO)? \S+ 0\b/i, 'ERR Lua scripts without any input keys are not supported.'],
  [/^(?:OBJECT|MEMORY|CONFIG|SELECT|CLIENT NO-TOUCH|SCRIPT|TIME)\b/i, 'ERR unknown command'],
];
/** What is certain of a serverless cache's INFO: it is in cluster mode. It has no server of its own, nor counters of keys. */
const INFO = '# Server\r\nredis_version:7.2.6\r\nredis_mode:cluster\r\n# Replication\r\nrole:master\r\n# Cluster\r\ncluster_enabled:1\r\n';

export interface ServerlessProxy extends TcpProxy {
  readonly refused: Set<string>;
}

/**
 * Answers like ElastiCache Serverless, by a real server in cluster mode: a command that serverless refuses goes to the server as a
 * script that returns the error, so that replies keep their order.
 */
export async function startServerlessProxy(serverPort: () => number): Promise<ServerlessProxy> {
  const refused = new Set<string>();
  const translate = (words: readonly Buffer[]): readonly Buffer[] => {
    const [command = '', ...rest] = words.map((word) => word.toString('latin1'));
    const text = [command, ...rest.map((word) => word.replaceAll(/\s/g, '_'))].join(' ');
    const bytes = (...all: string[]) => all.map((word) => Buffer.from(word, 'latin1'));
    if (/^INFO$/i.test(command)) return bytes('EVAL', 'return ARGV[1]', '0', INFO);
    const [, error] = REFUSED.find(([pattern]) => pattern.test(text)) ?? [];
    if (error === undefined) return words;
    refused.add(command.toUpperCase());
    return bytes('EVAL', 'return redis.error_reply(ARGV[1])', '0', error);
  };
  const proxy = await startTcpProxy(serverPort, (client, server) => {
    const commands = new RespCommands();
    client.on('data', (chunk) => {
      for (const words of commands.read(chunk)) server.write(RespCommands.write(translate(words)));
    });
    server.on('data', (chunk) => client.write(chunk));
  });
  return { ...proxy, refused };
}
