/** The variables of a fleet's application: texts, and secrets and parameters that its servers read themselves. */
import { z } from 'zod';
import { VARIABLE_NAME } from '../../functions/shared/app-contract.ts';
import type { WithApp } from './app-kind.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import { matching, text } from './values.ts';

const secretId = matching(
  /^(arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@!-]{1,512}$/,
  "must be a secret's name or ARN",
);
const parameterId = matching(
  /^(?!.*\/aws\/reference\/secretsmanager\/)(arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter)?\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/,
  'must be a parameter\'s name or ARN, without a version; a secret is named as { "secret" }, without /aws/reference',
);

const value = z.union(
  [
    z.string().max(4_096),
    z.strictObject({
      secret: secretId.describe('name or ARN of a secret in Secrets Manager'),
      key: text(256).optional().meta({ description: "key of the secret's JSON object", unset: 'the whole secret' }),
    }),
    z.strictObject({ parameter: parameterId.describe('name or ARN of a parameter in Parameter Store') }),
  ],
  { error: 'must be a text, { "secret", "key" } or { "parameter" }' },
);

export const environment = z.record(
  matching(VARIABLE_NAME, 'must be a name of letters, digits and "_" that does not begin with a digit'),
  value,
);
export type Environment = z.output<typeof environment>;
interface WithVariables extends WithApp {
  readonly environment?: Environment | undefined;
}

/** A standard parameter's value; the limits' table has it in bytes of what is escaped. */
const LONGEST_LIST = 4_096;
const OWN =
  /^(PORT|HOST|STATUS_PORT|HOLDFAST_.*|SESSION_STORE_.*|CRITICAL_ACTIONS_.*|STORE_SECRET_ARN|ENVIRONMENT_PARAMETER|AWS_REGION|AWS_DEFAULT_REGION|NODE_EXTRA_CA_CERTS|LIST)$/;
const LOADER = /^(LD_.*|PATH|HOME|IFS|ENV|BASH_ENV|GCONV_PATH|GLIBC_TUNABLES)$/;
/** What a runtime reads as its options: others see those of a process, or it prints them. */
const OPTIONS = /^(NODE_OPTIONS|JAVA_OPTS|CATALINA_OPTS|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS)$/;
/** Of Tomcat's own scripts, which a release is started without. */
const SCRIPTS_OPTIONS = /^(JAVA|CATALINA)_OPTS$/;
const WAY_OUT =
  "let the application read a variable of its own (Tomcat's server.xml and context.xml read $NAME in braces with -Dorg.apache.tomcat.util.digester.PROPERTY_SOURCE=org.apache.tomcat.util.digester.EnvironmentPropertySource)";

/**
 * The list as servers read it. Parameter Store refuses `{{`, and CloudFormation makes `?` of what is not ASCII: JSON can write both otherwise.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export const environmentList = (variables: Environment): string =>
  JSON.stringify(variables)
    .replaceAll('{{', String.raw`{\u007b`)
    .replaceAll(/[^ -~]/gu, escaped);

const escaped = (character: string): string =>
  [...Array(character.length).keys()].map((at) => String.raw`\u` + character.charCodeAt(at).toString(16).padStart(4, '0')).join('');

/** Also of an empty list: servers that have read one before go on reading it. */
export const hasVariables = ({ environment: variables }: WithVariables): boolean => variables !== undefined;

export function environmentRules({ environment: variables = {}, app }: WithVariables, region: string): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('environment');
  const seen = new Map<string, string>();
  for (const [name, source] of Object.entries(variables)) {
    const upper = name.toUpperCase();
    const other = seen.get(upper);
    if (other !== undefined) refuse(`differs from ${other} in case alone: keep one of them`, name);
    seen.set(upper, name);
    if (OWN.test(upper)) refuse('is a variable of Holdfast (docs/app-environment.md): choose another name', name);
    if (LOADER.test(upper)) refuse('decides which programs run: set it in the release', name);
    if (app?.kind === 'tomcat' && SCRIPTS_OPTIONS.test(upper)) {
      refuse("is read by Tomcat's scripts alone, without which a release starts: put each option into app.javaOptions", name);
      continue;
    }
    if (typeof source === 'string') {
      if (source.includes('\0')) refuse('contains a NUL, which no variable can have', name);
      continue;
    }
    if (OPTIONS.test(upper)) refuse(`takes a text only, since others on the server can read a program's options: ${WAY_OUT}`, name);
    const [, , , place] = ('secret' in source ? source.secret : source.parameter).split(':');
    if (place !== undefined && place !== region) refuse(`is in ${place}, and servers in ${region} read ${region} alone`, name);
  }
  const length = environmentList(variables).length;
  if (length > LONGEST_LIST)
    refuse(
      `has ${length} characters as JSON, and a parameter at most ${LONGEST_LIST}: put long values into a secret or a parameter of their own`,
    );
  for (const option of app?.kind === 'tomcat' ? app.javaOptions : []) {
    const name = Object.keys(variables).find((one) => typeof variables[one] !== 'string' && new RegExp(`\\$\\{?${one}\\b`).test(option));
    if (name !== undefined)
      broken.push({
        path: ['app', 'javaOptions'],
        message: `names ${name}, a secret: options are texts, which others on the server can read: ${WAY_OUT}`,
      });
  }
  return broken;
}

/** AWS appends six characters to a secret's name. */
export const GENERATED_END = '-??????';

/**
 * ARNs of what servers read: the list, and what it names.
 * @param list name of its parameter @param place `arn:PARTITION:SERVICE:REGION:ACCOUNT` of a service
 */
export function environmentArns(variables: Environment | undefined, list: string, place: (service: 'ssm' | 'secretsmanager') => string) {
  const sources = Object.values(variables ?? {}).filter((source) => typeof source === 'object');
  const arnOf = (id: string, made: string) => (id.startsWith('arn:') ? id : made);
  const parameter = (name: string) => arnOf(name, `${place('ssm')}:parameter/${name.replace(/^\//, '')}`);
  // An ARN can lack its end: Secrets Manager finds the secret all the same, and IAM compares with the whole.
  const isWhole = (id: string) => id.startsWith('arn:') && /-[A-Za-z0-9]{6}$/.test(id);
  const secret = (id: string) => (isWhole(id) ? id : arnOf(id, `${place('secretsmanager')}:secret:${id}`) + GENERATED_END);
  const named = sources.flatMap((source) => ('parameter' in source ? [source.parameter] : []));
  const secrets = sources.flatMap((source) => ('secret' in source ? [source.secret] : []));
  const all = hasVariables({ environment: variables }) ? [list, ...named] : [];
  return { parameters: [...new Set(all)].map(parameter), secrets: [...new Set(secrets)].map(secret) };
}
