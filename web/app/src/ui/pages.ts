import type { InfiniteData, QueryFunctionContext, QueryKey } from "@tanstack/react-query";

type Cursor = string | undefined;

interface Reading<Page, Item> {
  read: (cursor: Cursor) => Promise<Page>;
  itemsOf: (page: Page) => Item[];
  idOf: (item: Item) => string | number;
  /** The page with other items and another end. */
  make: (page: Page, items: Item[], next: string | null) => Page;
}

/**
 * A page of a list. When the list is read anew, the first page is, and those that are known already stay: with
 * hundreds of pages each change would cost hundreds of requests. What changes in them the socket tells.
 */
export async function readPage<Page extends { next_cursor: string | null }, Item>(
  { client, queryKey, pageParam }: QueryFunctionContext<QueryKey, Cursor>,
  { read, itemsOf, idOf, make }: Reading<Page, Item>,
): Promise<Page> {
  const pages = () => client.getQueryData<InfiniteData<Page, Cursor>>(queryKey);
  if (pageParam !== undefined) {
    const known = pages();
    return known?.pages[known.pageParams.indexOf(pageParam)] ?? read(pageParam);
  }
  const fresh = await read(undefined);
  const [old, ...later] = pages()?.pages ?? [];
  if (!old || !later.length || fresh.next_cursor === null) return fresh;
  const ids = new Set(itemsOf(fresh).map(idOf));
  const last = itemsOf(old).findLastIndex((item) => ids.has(idOf(item)));
  // So much is new that something may be missing in between.
  if (last < 0) return fresh;
  // What new items pushed out of the first page stays between it and the next one; what moved up is not shown twice.
  const shown = new Set(later.flatMap(itemsOf).map(idOf));
  const items = itemsOf(fresh).filter((item) => !shown.has(idOf(item)));
  return make(fresh, [...items, ...itemsOf(old).slice(last + 1)], old.next_cursor);
}
