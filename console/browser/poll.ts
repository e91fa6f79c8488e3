/** Keeps a view up to date. */
import { capital, clockText } from '../../functions/shared/texts.ts';
import { ApiError, get, readAtMs } from './api.ts';
import { type Child, h, replace, setText } from './dom.ts';

/** What the main part of the page shows. */
export interface View {
  readonly title: string;
  /** The entry of the navigation that it belongs to. */
  readonly section: string;
  readonly element: HTMLElement;
  /** Stops its updates. */
  leave(): void;
}

export interface Poller {
  /** Loads at once. */
  refresh(): void;
  stop(): void;
}

/** When each poller of the view has read what it shows: the page is as old as the oldest. */
const readMs = new Map<object, number>();
const updatedText = () => `${clockText(Math.min(...readMs.values()))}, all times in UTC`;

const PAUSED = 'Paused in the background';
/** What the pollers of the view cannot load, by poller: the success of one hides no failure of another. */
const troubles = new Map<object, { readonly text: string; readonly isDenied: boolean; readonly isOutdated: boolean }>();

function showTroubles(): void {
  const [first] = troubles.values();
  const alert = document.getElementById('trouble') as HTMLElement;
  alert.hidden = first === undefined;
  // What nobody has to be allowed is none of an error.
  alert.classList.toggle('bad', first?.isDenied === false);
  setText(alert, first?.text ?? '');
  // What is shown is not what is now.
  document.getElementById('main')?.classList.toggle(
    'outdated',
    [...troubles.values()].some(({ isOutdated }) => isOutdated),
  );
}

/** Codes of errors that no retry changes: what the address names does not exist, or it is not valid. */
const FINAL = /^(NoSuch|Invalid|Ambiguous)/;

/**
 * Loads and draws again and again while the tab is visible, and reports failures.
 * @param draw can return the number of milliseconds until the next load
 * @param intervalMs used when `draw` returns nothing
 */
export function poll<T>(load: () => Promise<T>, draw: (value: T) => number | undefined, intervalMs: number): Poller {
  const self = {};
  let timer: number | undefined;
  let isStopped = false;
  let isLoading = false;
  let isDue = false;
  const showStatus = (text: string, trouble?: string, isDenied = false) => {
    if (isStopped) return;
    // A load that was under way when the tab went to the background ends there.
    if (trouble === undefined) troubles.delete(self);
    else troubles.set(self, { text: trouble, isDenied, isOutdated: !isDenied || readMs.has(self) });
    if (trouble !== undefined || troubles.size === 0 || document.hidden)
      setText(document.getElementById('freshness') as HTMLElement, document.hidden ? PAUSED : text);
    showTroubles();
  };
  const next = (ms: number) => {
    window.clearTimeout(timer);
    if (!isStopped && !document.hidden) timer = window.setTimeout(update, ms);
  };
  const update = async () => {
    isDue = isLoading;
    if (isLoading || isStopped) return;
    isLoading = true;
    let waitMs = intervalMs;
    try {
      const value = await load();
      if (isStopped) return;
      waitMs = draw(value) ?? intervalMs;
      readMs.set(self, readAtMs(value));
      showStatus(`Live, updated ${updatedText()}`);
    } catch (error) {
      const { code, message } = error instanceof ApiError ? error : { code: 'Failed', message: String(error) };
      const isDenied = code === 'AccessDenied';
      const isFinal = FINAL.test(code) && !readMs.has(self);
      if (isFinal)
        showStatus('Nothing is shown', `${capital(message.replace(/\.$/, ''))}. The navigation above leads to what exists. (${code})`);
      else
        showStatus(
          readMs.size > 0 ? `Last updated ${updatedText()}` : 'Not loaded yet',
          isDenied ? `Not everything is shown here. ${message}` : `This page cannot be updated; retrying. ${code}: ${message}`,
          isDenied,
        );
      if (!(error instanceof ApiError)) console.error(error);
      if (isFinal) return;
    }
    isLoading = false;
    next(isDue ? 0 : waitMs);
  };
  const onVisibility = () => {
    if (document.hidden) {
      window.clearTimeout(timer);
      setText(document.getElementById('freshness') as HTMLElement, PAUSED);
    } else void update();
  };
  document.addEventListener('visibilitychange', onVisibility);
  void update();
  return {
    refresh: () => void update(),
    stop: () => {
      isStopped = true;
      readMs.delete(self);
      troubles.delete(self);
      showTroubles();
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    },
  };
}

/** A view that is drawn anew with each answer. */
export function redrawnView<T>(
  { title, section, path }: { readonly title: string; readonly section: string; readonly path: string },
  draw: (value: T) => readonly Child[],
  intervalMs: number,
): View {
  const body = h('div');
  const poller = poll(
    () => get<T>(path),
    (value): undefined => void replace(body, ...draw(value)),
    intervalMs,
  );
  return { title, section, element: h('div', {}, body), leave: poller.stop };
}
