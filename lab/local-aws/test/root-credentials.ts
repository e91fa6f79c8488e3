/** Root's credentials in clouds that a test assembles itself. */
export const ROOT = { accessKeyId: '000000000000', secretAccessKey: 'secret-of-this-test' } as const;
