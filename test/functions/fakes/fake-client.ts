/** A client of the SDK whose calls are answered here. @param answer gets an operation, `GetParameter`, and its input */
export const fakeClient = <Client>(answer: (operation: string, input: never) => unknown): Client =>
  ({
    send: async ({ constructor: { name }, input }: { readonly constructor: { readonly name: string }; readonly input: unknown }) =>
      answer(name.replace(/Command$/, ''), input as never),
  }) as Client;

/** A service's error, as the SDK throws it. */
export const serviceError = (name: string, message: string, httpStatusCode: number): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
