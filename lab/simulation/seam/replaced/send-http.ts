/** Takes the place of functions/shared/send-http.ts during runs. */
import type { HttpAnswer, HttpCall, HttpLimits } from '../../../../functions/shared/send-http.ts';
import { sendSigned } from '../signed-requests.ts';

export const sendHttp = (call: HttpCall, { timeoutMs }: HttpLimits) => sendSigned(call, timeoutMs) as Promise<HttpAnswer>;
