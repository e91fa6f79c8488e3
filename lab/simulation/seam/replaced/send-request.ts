/** Takes the place of functions/shared/aws/signed/send-request.ts during runs. */
import type { HttpRequest } from '@smithy/types';
import type { HttpAnswer } from '../../../../functions/shared/aws/signed/send-request.ts';
import { sendSigned } from '../signed-requests.ts';

export const sendRequest = (request: HttpRequest, limitMs: number) => sendSigned(request, limitMs) as Promise<HttpAnswer>;
