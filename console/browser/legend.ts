import { h } from './dom.ts';

/** Names with their colours, as text that wraps and can be selected. */
export function legend(label: string, entries: readonly { readonly name: string; readonly color: string }[]): HTMLElement {
  return h(
    'ul',
    { class: 'legend', 'aria-label': label },
    ...entries.map(({ name, color }) => {
      const item = h('li', {}, name);
      item.style.setProperty('--color', color);
      return item;
    }),
  );
}
