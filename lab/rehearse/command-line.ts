/** A command of the page as a process: no shell reads it. */
import path from 'node:path';
import { holdfast } from '../../functions/shared/command-options.ts';
import { REPOSITORY } from '../processes/run-cdk.ts';

export interface Programs {
  readonly node: string;
  /** A Python that can import the AWS CLI. */
  readonly python: string;
  /** Receives the assemblies of `cdk`, instead of the checkout's cdk.out. */
  readonly assembly: string;
  /** Without --region, `holdfast` uses the local cloud; with it, AWS. */
  readonly local: boolean;
}

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * @param words a program and its arguments, with variables
 * @throws Error quoting a variable without a value, or a program that the page must not use
 */
export function commandLine(words: readonly string[], variables: Readonly<Record<string, string>>, programs: Programs): CommandLine {
  const [program, ...args] = words.map((word) => word.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => valueOfVariable(name, variables)));
  const { node, python } = programs;
  if (program === 'node') return { command: node, args };
  if (program === 'aws') return { command: python, args: ['-m', 'awscli', ...args] };
  if (program === holdfast(''))
    return { command: node, args: [path.join(REPOSITORY, 'bin/main.ts'), ...(programs.local ? withoutRegion(args) : args)] };
  const [no, tool, ...rest] = args;
  if (program === 'npx' && no === '--no' && tool === 'cdk')
    return {
      command: node,
      args: [path.join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk'), ...rest, '--output', programs.assembly, '--no-notices'],
    };
  throw new Error(`The page runs "${words.join(' ')}": a rehearsal knows node, aws, npx --no cdk and ${holdfast('')} only`);
}

function valueOfVariable(name: string, variables: Readonly<Record<string, string>>): string {
  const value = variables[name];
  if (value === undefined) throw new Error(`The page uses $${name}, which the rehearsal does not set`);
  return value;
}

function withoutRegion(args: readonly string[]): string[] {
  const at = args.indexOf('--region');
  return at === -1 ? [...args] : args.toSpliced(at, 2);
}
