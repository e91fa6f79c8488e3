/** What ops/localstack/docker-compose.yml gives to the container. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const FILE = path.resolve(import.meta.dirname, '../../../ops/localstack/docker-compose.yml');
const mount = z.object({
  type: z.literal('bind'),
  source: z.string(),
  target: z.string(),
  read_only: z.boolean(),
  bind: z.object({ create_host_path: z.boolean() }),
});
const service = z.object({
  services: z.object({
    localstack: z.object({
      image: z.string(),
      network_mode: z.string(),
      environment: z.record(z.string(), z.string()),
      healthcheck: z.object({ test: z.tuple([z.literal('CMD')], z.string()) }),
      volumes: z.array(z.union([z.string(), mount])),
    }),
  }),
});

export const COMPOSE_TEXT = readFileSync(FILE, 'utf8');

export interface Container {
  readonly image: string;
  readonly network: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Exits with 0 once LocalStack answers. */
  readonly healthCheck: readonly string[];
  readonly mounts: readonly { readonly from: string; readonly to: string; readonly isReadOnly: boolean; readonly makesFolder: boolean }[];
}

/** As Compose fills it in: `${NAME}`, `${NAME:-default}`, `${NAME:?what is missing}`. @throws Error for a variable without a value */
export function containerWith(given: Readonly<Record<string, string>>): Container {
  const { localstack } = service.parse(parse(COMPOSE_TEXT)).services;
  const filledIn = (text: string) =>
    text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) => {
      const value = given[name] ?? (kind === '-' ? rest : undefined);
      if (value === undefined) throw new Error(`${name} has no value`);
      return value;
    });
  const environment = Object.fromEntries(Object.entries(localstack.environment).map(([name, value]) => [name, filledIn(value)]));
  return {
    image: localstack.image,
    network: localstack.network_mode,
    environment,
    healthCheck: localstack.healthcheck.test.slice(1).map(filledIn),
    mounts: localstack.volumes.map((volume) => {
      if (typeof volume !== 'string') {
        const { source, target, read_only, bind } = volume;
        return { from: filledIn(source), to: filledIn(target), isReadOnly: read_only, makesFolder: bind.create_host_path };
      }
      const [from = '', to = '', mode] = filledIn(volume).split(':');
      return { from, to, isReadOnly: mode === 'ro', makesFolder: true };
    }),
  };
}
