/** `npm run check:limits`: how near the templates of all known kinds of installations are to the services' limits. */
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import { isOver } from '../../../functions/shared/limits/measure-input.ts';
import { LIMITS, SHARED_LIMITS } from '../../../functions/shared/limits/service-limits.ts';
import { buildApp } from '../../../infra/build-app.ts';
import type { HoldfastConfig } from '../../../infra/config.ts';
import { type Finding, measureTemplates } from '../../../infra/limits/check-templates.ts';
import type { Templates } from '../../../infra/limits/fill-in.ts';
import { cdkContext, QUICK_APP, withoutTraces } from '../synthesized.ts';
import { checkedConfigurations } from './configurations.ts';

const HELP = `Usage: npm run check:limits -- [options]

Synthesize the example configurations, one of twenty fleets and some with the longest names and values, fill the templates in as
CloudFormation does, and compare every size with the limit of the service. It calls no AWS, and takes a minute or two.

  --json   print exactly one line of JSON: {"limits","checked","nearest":[{"where","percent"}],"over"}
  --help

Exit codes: 0 nothing is over its limit, 1 something is, 2 an option is wrong.
`;

const SHOWN = 12;

function templatesOf(config: HoldfastConfig): Templates {
  const app = new App({ ...QUICK_APP, context: cdkContext() });
  withoutTraces(() => buildApp(app, config));
  // What is over its limit is printed here, with everything else.
  const { stacks } = app.synth({ skipValidation: true });
  return Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template as Templates[string]]));
}

export interface LimitsReport {
  readonly limits: number;
  readonly checked: number;
  /** Sizes from 1 KB and counts above 50, the nearest first; one per stack and kind of field. */
  readonly nearest: readonly { readonly where: string; readonly percent: number }[];
  readonly over: readonly string[];
}

export function reportOf(findings: readonly Finding[]): LimitsReport {
  const nearest = findings.filter(({ canGrow }) => canGrow).toSorted((one, other) => other.percent - one.percent);
  return {
    limits: LIMITS.reduce((sum, { fields }) => sum + Object.keys(fields).length, Object.keys(SHARED_LIMITS).length),
    checked: findings.length,
    nearest: nearest.slice(0, SHOWN).map(({ where, percent }) => ({ where, percent })),
    over: findings.filter(isOver).map(({ where, size, most }) => `${where}: ${size} of ${most}`),
  };
}

/** @returns the exit code */
function main(args: readonly string[]): number {
  let values: { json?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' }, help: { type: 'boolean' } } }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const findings = Object.entries(checkedConfigurations()).flatMap(([name, config]) => {
    if (!values.json) process.stderr.write(`${name}\n`);
    return measureTemplates(templatesOf(config)).map((one) => ({ ...one, where: `${name}: ${one.where}` }));
  });
  const report = reportOf(findings);
  const { limits, checked, nearest, over } = report;
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else
    process.stdout.write(
      [
        `${checked} sizes compared with ${limits} limits; ${over.length} are over.`,
        ...over.map((text) => `over: ${text}`),
        ...nearest.map(({ where, percent }) => `${percent} %  ${where}`),
        '',
      ].join('\n'),
    );
  return over.length > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
