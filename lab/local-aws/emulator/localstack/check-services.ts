/** Whether LocalStack's services work: on another Python it reports that all are available, and most calls fail. */
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { LOCAL_ACCOUNT_ID } from '../../local-account.ts';
import { type EmulatorAccess, emulatorClientOptions } from '../emulator-access.ts';

/** The first call of DynamoDB starts a virtual machine. */
const CALL_TIMEOUT_MS = 20_000;

export interface ReadinessCheck {
  /** True once each service has answered a call. Never rejects. */
  answer(): Promise<boolean>;
  /** The call that failed last, unless all have succeeded. */
  unanswered(): { readonly call: string; readonly reason: string } | undefined;
  close(): void;
}

export function createReadinessCheck(access: EmulatorAccess): ReadinessCheck {
  const requestHandler = { connectionTimeout: 2_000, requestTimeout: CALL_TIMEOUT_MS, throwOnRequestTimeout: true };
  const options = { ...emulatorClientOptions(access), maxAttempts: 1, requestHandler };
  const sts = new STSClient(options);
  const states = new SFNClient(options);
  const dynamoDb = new DynamoDBClient(options);
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    'sts:GetCallerIdentity': async () => {
      const { Account } = await sts.send(new GetCallerIdentityCommand({}));
      if (Account !== LOCAL_ACCOUNT_ID) throw new Error(`it answered for account ${Account}, not ${LOCAL_ACCOUNT_ID}`);
    },
    'states:ListStateMachines': () => states.send(new ListStateMachinesCommand({})),
    'dynamodb:ListTables': () => dynamoDb.send(new ListTablesCommand({})),
  };
  const answered = new Set<string>();
  let failure: { readonly call: string; readonly reason: string } | undefined;
  return {
    async answer() {
      for (const [call, make] of Object.entries(calls)) {
        if (answered.has(call)) continue;
        try {
          await make();
          answered.add(call);
        } catch (error) {
          failure = { call, reason: (error as Error).message };
          return false;
        }
      }
      failure = undefined;
      return true;
    },
    unanswered: () => failure,
    close: () => {
      for (const client of [sts, states, dynamoDb]) client.destroy();
    },
  };
}
