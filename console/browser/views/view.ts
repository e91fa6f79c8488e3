/** A view of the console: what stands in the page's main part. */
export interface View {
  readonly title: string;
  /** Which entry of the navigation it belongs to. */
  readonly section: string;
  readonly element: HTMLElement;
  /** Ends what keeps it fresh. */
  leave(): void;
}
