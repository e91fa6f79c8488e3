import { functionName } from '../../../functions/shared/naming.ts';
import { FUNCTIONS, type FunctionName, type Installation, type SynthesizedFunction } from './installation.ts';
import { only } from './only.ts';
import type { Templates } from './resolve.ts';

export interface Names {
  readonly installation: string;
  readonly fleet: string;
}

/** `storeCheck`: `deploy-store-check`. */
const roleOf = (name: FunctionName): string =>
  name === 'lifecycle' ? name : `deploy-${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Lambda's own, where a template has none. */
const DEFAULTS = { timeoutSeconds: 3, memoryMb: 128 } as const;

/** The functions that deploys and lifecycles call, with the environment that CDK gives each. */
export function readFunctions(templates: Templates, { installation, fleet }: Names): Installation['functions'] {
  const all = templates.all('AWS::Lambda::Function');
  const named = [...templates.all('AWS::Lambda::Version'), ...templates.all('AWS::Lambda::Alias')];
  const has = (key: FunctionName) => all.some((one) => one.get('FunctionName') === functionName(installation, fleet, roleOf(key)));
  const entries = FUNCTIONS.filter((key) => key !== 'sessions' || has(key)).map((key): [FunctionName, SynthesizedFunction] => {
    const name = functionName(installation, fleet, roleOf(key));
    const found = only(
      all.filter((one) => one.get('FunctionName') === name),
      `function ${name}`,
    );
    const { Variables } = found.get('Environment') as { readonly Variables: Readonly<Record<string, string>> };
    for (const [variable, value] of Object.entries(Variables))
      if (typeof value !== 'string') throw new Error(`${name}: the value of ${variable} is no text`);
    const arns = named.filter((one) => one.text('FunctionName') === name).map((one) => one.ref());
    return [
      key,
      {
        name,
        arn: (arns[0] as string).split(':').slice(0, 7).join(':'),
        arns,
        environment: Variables,
        timeoutSeconds: (found.get('Timeout') as number | undefined) ?? DEFAULTS.timeoutSeconds,
        memoryMb: (found.get('MemorySize') as number | undefined) ?? DEFAULTS.memoryMb,
      },
    ];
  });
  return Object.fromEntries(entries) as unknown as Installation['functions'];
}
