/**
 * A service of the local cloud, as the gateway sees it: its operations, the CloudFormation resource types that it provides,
 * and what it does not emulate.
 */
import { randomUUID } from 'node:crypto';

/** Who called, and where. Taken from the request's signature. */
export interface CallContext {
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  /** The ARN of the role's session or of root, when the gateway checks who calls. */
  readonly principalArn?: string;
}

/**
 * One API operation. The input is the request as the protocol's parser returns it: for the Query protocol every scalar is
 * a string and `X.member.N` is an array, so parse it (zod, coercing) before use. The reply is the plain output shape of
 * the AWS API; the gateway encodes it for the caller's protocol.
 *
 * @throws AwsError with AWS's own error code
 */
export type Operation = (input: Record<string, unknown>, context: CallContext) => object | undefined | Promise<object | undefined>;

/** A resource as CloudFormation requests it; every intrinsic function is already resolved. */
export interface ResourceRequest {
  readonly type: string;
  readonly logicalId: string;
  readonly stackName: string;
  readonly properties: Record<string, unknown>;
}

/** A name as CloudFormation makes it for a resource whose template gives none. */
export const generatedName = ({ stackName, logicalId }: Pick<ResourceRequest, 'stackName' | 'logicalId'>): string =>
  `${stackName}-${logicalId}-${randomUUID().slice(0, 13).replace('-', '').toUpperCase()}`;

/** The results of `Ref` (physicalId) and `Fn::GetAtt` (attributes; nested ones with dotted names). */
export interface ProvidedResource {
  readonly physicalId: string;
  readonly attributes: Record<string, string | string[]>;
}

/** Creates, updates and deletes one CloudFormation resource type through the same code that answers the API. */
export interface ResourceProvider {
  create(request: ResourceRequest): Promise<ProvidedResource>;
  /** `previous` are the properties before the update. Returning another physical id means it was replaced. */
  update(request: ResourceRequest & { readonly physicalId: string; readonly previous: Record<string, unknown> }): Promise<ProvidedResource>;
  /** Deleting what is already gone succeeds. */
  delete(request: ResourceRequest & { readonly physicalId: string }): Promise<void>;
  /** For types whose values parameters of a template can name. @throws AwsError when it does not exist */
  read?(physicalId: string): Promise<ProvidedResource>;
}

/** A permission that a call needs: one resource, with AWS's condition keys for it. */
export interface Permission {
  /** Name of the action, without its service. @default the operation */
  readonly action?: string;
  /** An ARN; `*` for an action that knows no narrower resource. */
  readonly resource: string;
  /** Condition keys by name: `ssm:resourceTag/NAME`. Global ones (`aws:…`) are not given here. */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * Every permission that a call needs, all of them, checked before its input is: a wrong input names what it can.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export type PermissionsOf = (operation: string, input: Readonly<Record<string, unknown>>) => readonly Permission[];

/** One AWS service that the local cloud provides itself. */
export interface LocalService {
  /** Its name in the console. @default its signing names */
  readonly title?: string;
  /** The names under which requests are signed: `elasticloadbalancing`, `monitoring`, … */
  readonly signingNames: readonly string[];
  readonly protocol: Protocol;
  /** Prefix of its actions in policies. @default the first signing name */
  readonly iamPrefix?: string;
  /** @default every action on `*` */
  readonly permissions?: PermissionsOf;
  /** Called with each operation that a role or a user asks for, before it is carried out; throws where there are too many. @default no limit */
  readonly throttle?: (operation: string) => void;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resourceTypes: Readonly<Record<string, ResourceProvider>>;
  /** Features of the real service that are missing here, one sentence each. Shown in the console. */
  readonly notEmulated: readonly string[];
  /** Ends every process, timer and socket of the service. Idempotent. */
  stop(): Promise<void>;
}

/** The element of a list's items; two where lists of one name have items of both kinds. */
export type ListItemName = string | { readonly structure: string; readonly text: string };

/** How a service's requests and replies are written on the wire. */
export type Protocol =
  | {
      readonly kind: 'query';
      readonly xmlNamespace: string;
      /** Element name of a list's items where it is not `member`, by the list's own name (ElastiCache). */
      readonly listItemNames?: Readonly<Record<string, ListItemName>>;
      /** Members of the output that are maps: their keys are data. */
      readonly mapNames?: readonly string[];
    }
  /** JSON 1.0 or 1.1; the operation is named by X-Amz-Target. CloudWatch clients also speak Query and RPC v2 CBOR: the gateway detects which. */
  | { readonly kind: 'json'; readonly version: '1.0' | '1.1'; readonly xmlNamespace?: string; readonly mapNames?: readonly string[] };

/** An error as AWS returns it: `code` is the API's error code, `status` the HTTP status. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
