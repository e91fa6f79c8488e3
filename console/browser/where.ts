/** Where this console reads, and whether its caller may change anything there. */
import type { PlaceView } from '../place.ts';
import { get } from './api.ts';
import { setText } from './dom.ts';

/** A caller can be given another policy, and a fleet its function, while the page is open. */
const REFRESH_MS = 15_000;

let place: PlaceView | undefined;

/** False until it is known. */
export const canChange = (): boolean => place !== undefined && place.readOnly === undefined;

/** Account, Region, installation and fleet; empty until they are known. */
export const whereText = (): string => place?.title ?? '';

/** Shows the place on the page, now and again. Resolves after the first answer. */
export async function followPlace(): Promise<void> {
  if (!document.hidden) place = await get<PlaceView>('place').catch(() => place);
  setText(document.getElementById('where') as HTMLElement, whereText());
  const notice = document.getElementById('notice') as HTMLElement;
  notice.hidden = place?.readOnly === undefined;
  setText(notice, place?.readOnly ?? '');
  window.setTimeout(() => void followPlace(), REFRESH_MS);
}
