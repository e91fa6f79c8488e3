import type { AwsError } from '#local-aws/service/service.ts';

/** The part of a client's configuration that names its errors. */
export interface ErrorNames {
  readonly protocolSettings?: {
    readonly errorTypeRegistries?: readonly { readonly schemas: ReadonlyMap<string, unknown> }[];
  };
}

/** A service's error as the SDK throws it. */
class SdkServiceError extends Error {
  override readonly name: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.$fault = status >= 500 ? 'server' : 'client';
    this.$metadata = { httpStatusCode: status };
  }
}

export function sdkError({ code, message, status }: AwsError, config: ErrorNames): Error {
  return new SdkServiceError(sdkName(code, config), message, status);
}

/**
 * No answer within the limit, as the SDK's request handler reports it. `code` makes it a connection fault.
 * @param what `connection` or `answer`
 */
export function timeOutError(what: string): Error {
  return Object.assign(new Error(`no ${what} within the client's limit`), { name: 'TimeoutError', code: 'ETIMEDOUT', $metadata: {} });
}

const namesOf = new WeakMap<ErrorNames, ReadonlyMap<string, string>>();

/** Services of the Query protocol send `ResourceContention` for what the SDK calls ResourceContentionFault. */
function sdkName(code: string, config: ErrorNames): string {
  const names = namesOf.get(config) ?? readNames(config);
  namesOf.set(config, names);
  return names.get(code) ?? code;
}

function readNames({ protocolSettings }: ErrorNames): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { schemas } of protocolSettings?.errorTypeRegistries ?? []) {
    for (const schema of schemas.values()) {
      const [, , name, traits] = schema as [unknown, unknown, string, { readonly awsQueryError?: readonly [string, number] }?];
      const code = traits?.awsQueryError?.[0];
      if (code !== undefined && !names.has(code)) names.set(code, name);
    }
  }
  return names;
}
