/** Requests of operators that change a running deploy: each states what it is for, and proves who calls. */
import { callerProof } from '../shared/caller/caller-proof.ts';
import { type IdentifyPorts, identifyCaller } from '../shared/caller/identify-caller.ts';
import { identityOf } from '../shared/caller/identity-of.ts';
import { OWN_OPTIONS } from '../shared/command-options.ts';
import type { LOG_EVENTS, Log } from '../shared/log-events.ts';
import * as z from '../shared/schema.ts';
import type { DeployStatement, RequestRefusal } from './contract/statement.ts';

const signedRequest = z.strictObject({ statement: z.text(0, 2_048), proof: callerProof });

export const UNCHANGED = 'Nothing was changed.';

export interface VerifyPorts extends IdentifyPorts {
  readonly log: Log;
  readonly installation: string;
  readonly fleet: string;
}

/** One command's requests. */
export interface Verified<Statement extends DeployStatement> {
  readonly statement: { parse(value: unknown): Statement };
  /** `end-drain` */
  readonly command: string;
  readonly refused: (typeof LOG_EVENTS)[keyof typeof LOG_EVENTS];
}

/**
 * The statement of a request and the identity of its caller, without the name of a person; or why it is refused.
 * @param account the function's own: an identity of another account changes nothing here
 */
export async function verifyRequest<Statement extends DeployStatement>(
  ports: VerifyPorts,
  account: string,
  input: unknown,
  { statement: schema, command, refused }: Verified<Statement>,
): Promise<{ readonly statement: Statement; readonly requestedBy: string } | RequestRefusal> {
  const request = signedRequest.safeParse(input);
  const statement = request.success ? readStatement(schema, request.data.statement) : undefined;
  if (!request.success || !statement)
    return refuse('InvalidRequest', `The request is not valid. ${UNCHANGED} Run "npx holdfast deploys ${command} ID ${OWN_OPTIONS}".`);
  const { installation, fleet, deployId } = statement;
  if (installation !== ports.installation || fleet !== ports.fleet)
    return refuse(
      'InvalidRequest',
      `The statement is for fleet ${fleet} of installation ${installation}, and this is fleet ${ports.fleet} of ${ports.installation}. ${UNCHANGED}`,
    );
  const caller = await identifyCaller(ports, account, request.data.proof, request.data.statement);
  if ('arn' in caller) return { statement, requestedBy: identityOf(caller.arn) };
  ports.log.warn(refused, { deployId, error: caller.refusal });
  return refuse(
    'UnknownCaller',
    `The caller could not be verified: ${caller.refusal}. ${UNCHANGED} Check the clock of your machine, sign in again, then try again.`,
  );
}

function readStatement<Statement>(schema: { parse(value: unknown): Statement }, text: string): Statement | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const refuse = (error: RequestRefusal['error'], message: string): RequestRefusal => ({ outcome: 'refused', error, message });
