/** Colors of the charts: style sheets do not apply to a canvas. Pure. */

export interface Theme {
  readonly name: 'light' | 'dark';
  readonly panel: string;
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly bad: string;
  /** Series without a color of their own. */
  readonly series: readonly string[];
  /** Bars of the timeline, with labels in the panel's color. */
  readonly phases: Readonly<Record<string, string>>;
}

/** For style sheets: the color of the reader's preferred scheme. */
export const eitherColor = (of: (theme: Theme) => string): string => `light-dark(${of(LIGHT)}, ${of(DARK)})`;

/** Panel and text are those of console.css. Contrast with the panel: series at least 3:1, texts and phases at least 4.5:1. */
export const LIGHT: Theme = {
  name: 'light',
  panel: '#ffffff',
  text: '#16191d',
  faint: '#57606b',
  line: '#e3e6ea',
  bad: '#c0281a',
  series: ['#0b62c4', '#b3541e', '#1a7f4b', '#7a43b6', '#8a6d00', '#b3246f', '#0f7c8a', '#5b6470'],
  phases: {
    preparing: '#0f7c8a',
    pinning: '#57606b',
    sessionDrain: '#b3246f',
    draining: '#b3541e',
    installing: '#7a43b6',
    checkingReadiness: '#8a6d00',
    registering: '#0b62c4',
    baking: '#1a7f4b',
    failed: '#c0281a',
  },
};

export const DARK: Theme = {
  name: 'dark',
  panel: '#171c21',
  text: '#e4e8ec',
  faint: '#9ea9b5',
  line: '#2b333b',
  bad: '#ff8274',
  series: ['#6cb2ff', '#f0a36b', '#4cc38a', '#c19bf5', '#dfc046', '#f58bc4', '#56c7d6', '#a4afbb'],
  phases: {
    preparing: '#56c7d6',
    pinning: '#9ea9b5',
    sessionDrain: '#f58bc4',
    draining: '#f0a36b',
    installing: '#c19bf5',
    checkingReadiness: '#dfc046',
    registering: '#6cb2ff',
    baking: '#4cc38a',
    failed: '#ff8274',
  },
};
