/** The calls of DynamoDB that records need, on plain values instead of typed attributes. */
export interface DynamoCalls {
  get(input: {
    readonly TableName: string;
    readonly Key: object;
    readonly ConsistentRead: boolean;
  }): Promise<{ readonly Item?: Item | undefined }>;
  batchGet(input: BatchGet): Promise<{
    readonly Responses?: Readonly<Record<string, readonly Item[]>> | undefined;
    readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: readonly object[] | undefined }>> | undefined;
  }>;
  query(input: Query): Promise<{ readonly Items?: readonly Item[] | undefined; readonly LastEvaluatedKey?: Item | undefined }>;
  put(input: { readonly TableName: string; readonly Item: object } & Partial<Expression>): Promise<object>;
  delete(input: { readonly TableName: string; readonly Key: object }): Promise<object>;
  update(
    input: {
      readonly TableName: string;
      readonly Key: object;
      readonly UpdateExpression: string;
      readonly ReturnValues: 'ALL_NEW';
    } & Expression,
  ): Promise<{ readonly Attributes?: Item | undefined }>;
}

export type Item = Record<string, unknown>;

/** Names and values of an expression, in DynamoDB's notation. */
export interface Expression {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

export interface BatchGet {
  readonly RequestItems: Record<string, { readonly Keys: Item[]; readonly ConsistentRead: boolean }>;
}

export interface Query {
  readonly TableName: string;
  readonly ConsistentRead: boolean;
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeValues: Item;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
}
