/** The account that every local resource belongs to, and its root. No AWS account has this id. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/** Root's credentials, valid only here. */
export const LOCAL_CREDENTIALS = { accessKeyId: LOCAL_ACCOUNT_ID, secretAccessKey: 'local' } as const;
