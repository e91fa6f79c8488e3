/** `holdfast gate`: whether two releases keep each other's sessions. */
import { InvalidRecipe } from '../../functions/canary/contract/errors.ts';
import { readRecipe } from '../../functions/canary/contract/read-recipe.ts';
import { createSend } from '../../functions/canary/http/send.ts';
import { runGate } from '../../functions/gate/compare-releases.ts';
import { GATE_LIMITS, type GateResult, type GateVerdict } from '../../functions/gate/contract.ts';
import { counted } from '../../functions/shared/texts.ts';
import { CLOCK, readFile, readPasswords, siteAddress } from '../canary/canary.ts';
import { printedJar } from '../canary/printed-jar.ts';
import { badInput, EXIT } from '../failure.ts';
import type { Output } from '../output.ts';
import { requireRegion } from '../require-region.ts';

export interface GateOptions {
  readonly old: string;
  readonly new: string;
  readonly recipe: string;
  readonly oldHeader?: readonly string[];
  readonly newHeader?: readonly string[];
  readonly resolve?: readonly string[];
  readonly region?: string;
}

const EXITS: Readonly<Record<GateVerdict, number>> = { compatible: 0, 'not checked': EXIT.warnings, incompatible: EXIT.errors };

/** @returns the exit code of its verdict */
export async function gate(options: GateOptions, output: Output): Promise<number> {
  const recipe = readRecipe(readFile(options.recipe, '--recipe'), options.recipe);
  for (const [part, is] of [
    ['release', recipe.release],
    ['users.b', recipe.users.b],
  ] as const)
    if (is === undefined)
      throw new InvalidRecipe(`${options.recipe} has no ${part}, which a session gate needs. Nothing was sent. docs/gate.md describes it.`);
  const addresses = new Map((options.resolve ?? []).map(hostAndAddress));
  const [old, next] = [siteAddress(options.old), siteAddress(options.new)];
  const [oldHeaders = {}, newHeaders = {}] = [options.oldHeader, options.newHeader].map((lines = []) =>
    Object.fromEntries(lines.map(header)),
  );
  if (options.region !== undefined) await requireRegion(options.region);
  const passwords = await readPasswords(recipe, options.region);
  const startedAtMs = CLOCK.now();
  output.progress(`session gate: at most 2 requests a second, ${GATE_LIMITS.requests} in all, ${GATE_LIMITS.seconds} s`);
  const result = await runGate({
    ...{ recipe, passwords, clock: CLOCK, send: createSend({ addresses }), jarOf: (user) => printedJar(recipe.jar ?? [], user) },
    addresses: { old: old.href, new: next.href, oldHeaders, newHeaders },
  });
  const seconds = Math.round((CLOCK.now() - startedAtMs) / 100) / 10;
  output.result({ ...result, seconds }, () => renderGate(result));
  return EXITS[result.verdict];
}

/** The result as text. Pure. */
export function renderGate({ verdict, reason, findings, notes, sent }: GateResult): string {
  return [
    reason === undefined ? verdict : `${verdict}: ${reason}`,
    ...findings.flatMap(({ check, what, roll, rollback }) => [
      `✗ ${check}: ${what}`,
      `    during a roll: ${roll}`,
      `    after a rollback: ${rollback}`,
    ]),
    ...notes.map((note) => `· ${note}`),
    `${counted(sent.requests, 'request')}, ${counted(sent.logins, 'login')}`,
  ].join('\n');
}

function header(line: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z0-9-]{1,60}): ?([^\r\n]{0,500})$/.exec(line) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  // The value can be a secret.
  throw badInput('InvalidOption', 'A header is not of the form "name: value". Nothing was sent.');
}

function hostAndAddress(text: string): readonly [string, string] {
  const [, host, address] = /^([A-Za-z0-9.-]{1,253}):([A-Za-z0-9.:-]{1,253})$/.exec(text) ?? [];
  if (host !== undefined && address !== undefined) return [host.toLowerCase(), address];
  throw badInput(
    'InvalidOption',
    `--resolve ${JSON.stringify(text)} is not of the form HOST:ADDRESS, such as shop.example.com:10.0.3.7. Nothing was sent.`,
  );
}
