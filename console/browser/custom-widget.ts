/** A widget that a function of the dashboard's owner draws. */
import type { WidgetAnswer } from '../dashboards/custom-widget.ts';
import type { Content } from '../dashboards/read-dashboard.ts';
import { ApiError, mayChange, post } from './api.ts';
import { theme } from './charts.ts';
import { h } from './dom.ts';
import { createForeignContent } from './foreign-content.ts';
import { safeHtml, safeMarkdown } from './safe-html.ts';

export function createCustomWidget(
  dashboard: string,
  index: number,
  title: string,
  minutes: () => number,
): { readonly element: HTMLElement; update(content: Content): void; dispose(): void } {
  const place = createForeignContent(title);
  const said = h('p', { class: 'quiet' });
  const element = h('div', { class: 'inside', 'aria-busy': 'true' }, said, place.element);
  let asking = false;
  let isDrawn = false;
  const say = (text: string, isFailure = false) => {
    said.textContent = text;
    said.hidden = text === '';
    said.className = isFailure ? 'failed' : 'quiet';
  };
  const ask = async () => {
    asking = true;
    if (!isDrawn) say('Its function has been called.');
    try {
      const path = `dashboards/${encodeURIComponent(dashboard)}/widgets/${index}`;
      const { format, text } = await post<WidgetAnswer>(path, viewer(element, minutes()));
      place.show(format === 'html' ? safeHtml(text) : format === 'markdown' ? safeMarkdown(text) : text);
      isDrawn = true;
      say('');
    } catch (error) {
      say(error instanceof ApiError ? `${error.code}: ${error.message}` : String(error), true);
    }
    element.setAttribute('aria-busy', 'false');
    asking = false;
  };
  return {
    element,
    update: (content) => {
      if (content.kind !== 'custom' || asking || (isDrawn && !content.refresh)) return;
      if (mayChange()) void ask();
      else say(`The function ${content.functionName} draws this. It is called only in a tab that was opened by the console's own link.`);
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
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  offsetMinutes: -new Date().getTimezoneOffset(),
});
