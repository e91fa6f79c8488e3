/** A widget that a function of the dashboard's owner draws. Its HTML is not trusted. */
import type { WidgetReply } from '../dashboards/custom-widget.ts';
import type { Content } from '../dashboards/read-dashboard.ts';
import { ApiError, post } from './api.ts';
import { theme } from './charts.ts';
import { h, setText } from './dom.ts';
import { createForeignContent } from './foreign-content.ts';
import { safeHtml, safeMarkdown } from './safe-html.ts';

export function createCustomWidget(
  dashboard: string,
  index: number,
  title: string,
  minutes: () => number,
): { readonly element: HTMLElement; update(content: Content): void; dispose(): void } {
  const place = createForeignContent(title);
  const status = h('p', { class: 'quiet' });
  const element = h('div', { class: 'inside', 'aria-busy': 'true' }, status, place.element);
  let isLoading = false;
  let isDrawn = false;
  const showStatus = (text: string, isFailure = false) => {
    setText(status, text);
    status.hidden = text === '';
    status.className = isFailure ? 'failed' : 'quiet';
  };
  const load = async () => {
    isLoading = true;
    if (!isDrawn) showStatus('Waiting for the function that draws this widget.');
    try {
      const path = `dashboards/${encodeURIComponent(dashboard)}/widgets/${index}`;
      const { format, text } = await post<WidgetReply>(path, viewer(element, minutes()));
      place.show(format === 'html' ? safeHtml(text) : format === 'markdown' ? safeMarkdown(text) : text);
      isDrawn = true;
      showStatus('');
    } catch (error) {
      // Who may see the dashboard need not be allowed to call its functions.
      const isDenied = error instanceof ApiError && error.code === 'AccessDenied';
      showStatus(isDenied ? error.message : error instanceof ApiError ? `${error.code}: ${error.message}` : String(error), !isDenied);
    }
    element.setAttribute('aria-busy', 'false');
    isLoading = false;
  };
  return {
    element,
    update: (content) => {
      if (content.kind !== 'custom' || isLoading || (isDrawn && !content.refresh)) return;
      void load();
    },
    dispose: () => {},
  };
}

const viewer = (element: HTMLElement, minutes: number) => ({
  minutes,
  theme: theme().name,
  width: element.clientWidth,
  height: element.clientHeight,
  locale: navigator.language,
  // As every time of the page.
  timeZone: 'UTC',
  offsetMinutes: 0,
});
