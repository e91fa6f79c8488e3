/** Keeps a view fresh: asks again and again while somebody looks, and says when it could not. */
import { ApiError } from './api.ts';
import { clockTime } from './format.ts';

export interface Live {
  /** Asks at once. */
  refresh(): void;
  stop(): void;
}

/**
 * @param load what is shown
 * @param draw shows it; may give how soon it is to be asked again, in milliseconds
 * @param everyMs when `draw` gives none
 */
export function keepFresh<T>(load: () => Promise<T>, draw: (value: T) => number | undefined, everyMs: number): Live {
  let timer: number | undefined;
  let stopped = false;
  let asking = false;
  let again = false;
  let asOf: string | undefined;
  const say = (text: string, trouble?: string) => {
    if (stopped) return;
    (document.getElementById('freshness') as HTMLElement).textContent = text;
    const alert = document.getElementById('trouble') as HTMLElement;
    alert.hidden = trouble === undefined;
    if (alert.textContent !== (trouble ?? '')) alert.textContent = trouble ?? '';
  };
  const next = (ms: number) => {
    window.clearTimeout(timer);
    if (!stopped && !document.hidden) timer = window.setTimeout(ask, ms);
  };
  const ask = async () => {
    again = asking;
    if (asking || stopped) return;
    asking = true;
    let wait = everyMs;
    try {
      const value = await load();
      if (!stopped) wait = draw(value) ?? everyMs;
      asOf = clockTime(Date.now());
      say(`live, as of ${asOf}`);
    } catch (error) {
      const { code, message } = error instanceof ApiError ? error : { code: 'Failed', message: String(error) };
      say(asOf ? `as of ${asOf}` : 'not read yet', `Could not be read, tried again soon. ${code}: ${message}`);
      if (!(error instanceof ApiError)) console.error(error);
    }
    asking = false;
    next(again ? 0 : wait);
  };
  const onVisibility = () => {
    if (document.hidden) {
      window.clearTimeout(timer);
      say('paused while nobody looks');
    } else void ask();
  };
  document.addEventListener('visibilitychange', onVisibility);
  void ask();
  return {
    refresh: () => void ask(),
    stop: () => {
      stopped = true;
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    },
  };
}
