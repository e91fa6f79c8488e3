/** What a function of the table does: data, so that a real function and the simulation's do the same. */
import type { Json } from './json.ts';

/** The end of one call. */
export type Answer = (
  | { readonly returns: Json }
  /** The payload that it was given. */
  | { readonly returnsPayload: true }
  /** A string of this size. */
  | { readonly returnsBytes: number }
  /** An error of this name. */
  | { readonly throws: string }
  /** Ends its process. */
  | { readonly exits: true }
) & {
  /** How long it takes. @default 0 */
  readonly afterSeconds?: number;
};

export interface Behaviour {
  /** The answers to the first call, the second and so on; the last one also answers every further call. */
  readonly answers: readonly Answer[];
  /** Lambda ends it then. @default 30 */
  readonly timeoutSeconds?: number;
}

/** What a function has seen, as long as its process lives. */
export interface Seen {
  /** When each call began, milliseconds since the epoch. */
  readonly calledAtMs: readonly number[];
  /** The payload of each call. */
  readonly payloads: readonly Json[];
}

/** The answer to call number `call`, from 1. */
export const answerOf = ({ answers }: Behaviour, call: number): Answer => answers[Math.min(call, answers.length) - 1] as Answer;

/** A payload that asks a function what it has {@link Seen}. No execution sends it. */
export const ASK = { 'what have you seen?': true } as const;

/** Variable that holds the {@link Behaviour}. */
export const BEHAVIOUR = 'BEHAVIOUR';

/** Source of a Node function, an ES module, that does what {@link BEHAVIOUR} says. */
export const SOURCE = `
const { answers } = JSON.parse(process.env.${BEHAVIOUR});
const calledAtMs = [];
const payloads = [];
export const handler = async (payload) => {
  if (payload?.[${JSON.stringify(Object.keys(ASK)[0])}]) return { calledAtMs, payloads };
  calledAtMs.push(Date.now());
  payloads.push(payload);
  const answer = answers[Math.min(calledAtMs.length, answers.length) - 1];
  if (answer.afterSeconds) await new Promise((done) => setTimeout(done, answer.afterSeconds * 1000));
  if (answer.throws) throw Object.assign(new Error('on purpose'), { name: answer.throws });
  if (answer.exits) process.exit(1);
  if (answer.returnsPayload) return payload;
  return answer.returnsBytes ? 'x'.repeat(answer.returnsBytes - 2) : answer.returns;
};
`;
