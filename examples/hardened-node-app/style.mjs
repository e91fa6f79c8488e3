/** The pages' style sheet: no image, font or script of another server. */
export const STYLE = `:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6777; --line: #d9dfe7; --page: #f3f5f8; --card: #fff; --accent: #14618f; --warn: #8a3b12; --warn-back: #fdf1e7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ecf2; --soft: #9fabba; --line: #333d4a; --page: #12171d; --card: #1b222b; --accent: #74bce8; --warn: #f1b68c; --warn-back: #33241a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem .5rem; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 0 0 .75rem; }
main { max-width: 44rem; margin: 0 auto; padding: .5rem 1rem 2rem; display: grid; gap: 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.25rem; }
p { margin: 0 0 .75rem; }
p:last-child { margin-bottom: 0; }
.count { display: flex; align-items: baseline; gap: .75rem; }
.count b { font-size: 2.4rem; line-height: 1.1; font-variant-numeric: tabular-nums; }
.notice { border-color: var(--warn); background: var(--warn-back); color: var(--warn); }
.soft, footer { color: var(--soft); font-size: .9rem; }
footer { max-width: 44rem; margin: 0 auto; padding: 0 1rem 2rem; }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding: .6rem 0; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; padding-top: 0; }
form { display: flex; gap: .5rem; flex-wrap: wrap; margin: 0; }
ul + form, .empty + form { margin-top: .9rem; }
label { display: grid; gap: .25rem; flex: 1 1 12rem; font-size: .9rem; color: var(--soft); }
input { font: inherit; color: var(--ink); background: var(--page); border: 1px solid var(--line); border-radius: .4rem; padding: .45rem .6rem; width: 100%; }
button { font: inherit; align-self: end; border: 1px solid var(--accent); background: var(--accent); color: var(--card); border-radius: .4rem; padding: .45rem .9rem; cursor: pointer; }
button.quiet { background: none; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
