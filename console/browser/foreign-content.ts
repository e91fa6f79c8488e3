/** A shadow root for content that is not the console's own: its styles do not reach the page, and it is drawn within its frame alone. */
import { h } from './dom.ts';
import { ruler } from './elements.ts';
import type { SafeHtml } from './safe-html.ts';

/** CloudWatch's default styles for custom widgets, in the console's colors. */
const BASE = `
:host{display:block;overflow:auto;font:13px/1.45 system-ui,sans-serif;color:var(--text)}
a{color:var(--accent)}
table{border-collapse:collapse;min-width:100%}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}
th{color:var(--faint);font-weight:500}
h1,h2,h3,h4{font-size:1.05em;margin:.6em 0 .3em}h1{font-size:1.25em}
p,ul,ol,pre{margin:.4em 0}
code,pre{font:12px/1.45 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
img,svg{max-width:100%}`;

export interface ForeignContent {
  readonly element: HTMLElement;
  show(content: SafeHtml | string): void;
}

export function createForeignContent(label: string): ForeignContent {
  const element = h('div', { class: 'foreign', role: 'group', 'aria-label': label, tabindex: 0 });
  // The content can style the root's host, but nothing around it.
  const frame = h('div', { class: 'frame' }, element);
  const root = element.attachShadow({ mode: 'open' });
  return {
    element: frame,
    show: (content) => {
      if (typeof content === 'string') {
        root.adoptedStyleSheets = [sheetOf(BASE)];
        root.replaceChildren(ruler(element), h('pre', {}, content));
        return;
      }
      // The content's own styles come last, so they override.
      root.adoptedStyleSheets = [sheetOf(BASE), ...content.styles.map(sheetOf)];
      root.replaceChildren(ruler(element), content.content);
    },
  };
}

/** A constructed style sheet cannot import anything, and the content security policy allows it. */
function sheetOf(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
