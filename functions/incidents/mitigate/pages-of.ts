/** The answers of a Describe call of ELB or ElastiCache, page by page. @param read reads the page that a marker leads to, or the first one */
export async function* pagesOf<Page extends { readonly Marker?: string; readonly NextMarker?: string }>(
  read: (from: { readonly Marker?: string }) => Promise<Page>,
): AsyncGenerator<Page> {
  let Marker: string | undefined;
  do {
    const page = await read({ ...(Marker && { Marker }) });
    yield page;
    Marker = page.NextMarker ?? page.Marker;
  } while (Marker);
}
