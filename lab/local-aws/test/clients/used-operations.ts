/** Which operations of AWS the product, its documentation and its scenarios use: read from their text. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

/** The gateway's services, and EC2 for its machines, by boto3's word, which the AWS CLI has as well. */
export const SERVICES = {
  acm: 'acm',
  autoscaling: 'client-auto-scaling',
  cloudwatch: 'client-cloudwatch',
  ec2: 'client-ec2',
  elasticache: 'client-elasticache',
  elbv2: 'client-elastic-load-balancing-v2',
  ssm: 'client-ssm',
} as const;

/** Commands for AWS alone: a shell on a server needs Session Manager's plugin; the local store keeps no snapshots. */
const NOT_EMULATED = ['ssm.start-session', 'elasticache.delete-snapshot', 'elasticache.describe-snapshots'];

const CODE = ['functions', 'cli', 'console', 'infra', 'lab/demo', 'lab/bench', 'lab/monitoring', 'test/e2e'];
const TEXTS = ['docs', 'README.md', 'CONTRIBUTING.md', 'ops', 'cli', 'functions', 'infra', 'server', 'console', 'examples'];

/** Those that the code sends by the SDK, as `elbv2.DescribeRules`: commands, paginators and waiters. */
export function operationsOfCode(): ReadonlySet<string> {
  const used = new Set<string>();
  for (const text of read(CODE, /\.(ts|mts|mjs)$/)) {
    for (const [, names = '', client] of text.matchAll(/import (?:type )?\{([^}]*)\} from '@aws-sdk\/([a-z0-9-]+)'/g)) {
      const service = Object.entries(SERVICES).find(([word, name]) => client === name || client === `client-${word}`)?.[0];
      if (service === undefined) continue;
      for (const [, operation] of names.matchAll(/\b(?:paginate)?([A-Z]\w+?)(?:Command)?\b(?!\w)/g)) {
        if (new RegExp(`\\b(?:${operation}Command|paginate${operation})\\b`).test(names)) used.add(`${service}.${operation}`);
      }
    }
  }
  return used;
}

/** Those of `aws SERVICE COMMAND` in pages and in what programs print, as `elbv2.describe-rules`, but for those of AWS alone. */
export function commandsOfPages(): ReadonlySet<string> {
  const used = new Set<string>();
  for (const text of read(TEXTS, /\.(md|ts|mjs|py|sh|yml)$/)) {
    for (const [, service = '', command = ''] of text.matchAll(/\baws ([a-z0-9]+) ([a-z]+(?:-[a-z0-9]+)+)/g)) {
      if (service in SERVICES && !NOT_EMULATED.includes(`${service}.${command}`)) used.add(`${service}.${command}`);
    }
  }
  return used;
}

/** The same, as `elbv2.DescribeRules`. */
export const operationsOfCommands = (): ReadonlySet<string> => new Set([...commandsOfPages()].map(pascalCase));

const pascalCase = (command: string): string => command.replaceAll(/(?:(?<=\.)|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

function read(places: readonly string[], kind: RegExp): string[] {
  const files = places.flatMap((place) => (path.extname(place) === '' ? globSync(`${place}/**/*`, { cwd: ROOT }) : [place]));
  return files
    .filter((file) => kind.test(file) && !/node_modules|^lab\/.*\/test\//.test(file))
    .map((file) => readFileSync(path.join(ROOT, file), 'utf8'));
}
