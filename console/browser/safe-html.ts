/**
 * Sanitizes HTML and Markdown of functions and dashboard bodies: removes scripts, event attributes, frames, `<use>`, forms, and
 * `<cwdb-action>`, which the console does not support.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_security.html
 */
import DOMPurify from 'dompurify';
import { marked } from 'marked';
import { h } from './dom.ts';
import { ruler } from './elements.ts';

const FORBIDDEN = ['iframe', 'use', 'form', 'object', 'embed', 'link', 'meta', 'base', 'dialog'];

/** Content and its style sheets, which the caller adds to the content's shadow root. */
interface SafeHtml {
  readonly content: DocumentFragment;
  readonly styles: readonly string[];
}

export function safeHtml(html: string): SafeHtml {
  // A template's document runs and loads nothing. Style sheets are taken out first: the page's policy allows no inline ones.
  const template = document.createElement('template');
  template.innerHTML = html;
  const styles = [...template.content.querySelectorAll('style')].map((style) => {
    style.remove();
    return style.textContent ?? '';
  });
  const content = DOMPurify.sanitize(template.content, {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: FORBIDDEN,
    // These show an element above all others, whatever it is in.
    FORBID_ATTR: ['popover', 'popovertarget', 'popovertargetaction', 'command', 'commandfor'],
    FORBID_CONTENTS: ['script', 'iframe', 'cwdb-action', 'template', 'noscript', 'object'],
    // Only links that a browser opens as a page are kept.
    ALLOWED_URI_REGEXP: /^(?:https?:|#)/i,
  });
  for (const link of content.querySelectorAll('a')) {
    if (link.getAttribute('href')?.startsWith('#')) continue;
    // These are set as attributes, because an SVG link has them as read-only properties.
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
  }
  return { content, styles };
}

export const safeMarkdown = (markdown: string): SafeHtml => safeHtml(marked.parse(markdown, { async: false, gfm: true }));

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

interface ForeignContent {
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
