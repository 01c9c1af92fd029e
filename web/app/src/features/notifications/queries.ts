import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { RealtimeClient } from "@videosite/realtime";
import { api, ask, type Schema } from "../../api/client.ts";
import { useAuth } from "../../auth/AuthContext.tsx";
import type { Message } from "../../socket/useWebSocket.ts";

type Page = Schema<"NotificationPage">;
export type Notification = Schema<"Notification">;

const PAGE = 20;
const LIST = ["notifications"];
const UNREAD = ["unread"];

function fetchPage(limit: number, cursor?: string | null): Promise<Page> {
  return ask(api.GET("/api/v1/notifications", { params: { query: { limit, ...(cursor && { cursor }) } } }));
}

/** How many notifications are unread. */
export function useUnread(): number {
  const { status } = useAuth();
  const { data } = useQuery({
    queryKey: UNREAD,
    queryFn: () => fetchPage(1).then((page) => page.unread),
    enabled: status === "signed_in",
    staleTime: 60_000,
  });
  return data ?? 0;
}

/** Notifications, newest first, in pages. */
export function useNotifications(enabled: boolean) {
  return useInfiniteQuery({
    queryKey: LIST,
    queryFn: ({ pageParam }) => fetchPage(PAGE, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled,
  });
}

/** Counts a message that came, and shows it in the list. */
export function addNotification(queries: QueryClient, message: Message): void {
  const list = queries.getQueryData<InfiniteData<Page>>(LIST);
  if (list?.pages.some((page) => page.notifications.some((one) => one.id === message.id))) return;
  // A count that is being read may or may not have it: it is read once more.
  if (queries.isFetching({ queryKey: UNREAD })) void queries.invalidateQueries({ queryKey: UNREAD });
  else queries.setQueryData<number>(UNREAD, (count) => (count !== undefined ? count + 1 : count));
  queries.setQueryData<InfiniteData<Page>>(LIST, (data) => {
    const [first, ...rest] = data?.pages ?? [];
    if (!data || !first) return data;
    const notification = { ...message, seq: message.seq ?? 0, read: false };
    return { ...data, pages: [{ ...first, notifications: [notification, ...first.notifications] }, ...rest] };
  });
}

/** Marks everything as read: by the socket where there is one, so that other tabs hear of it at once. */
export function useMarkAllRead(client: RealtimeClient | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (): Promise<number> => {
      if (client?.state.name === "open") {
        try {
          return await client.markRead("all");
        } catch {
          // The HTTP API does the same.
        }
      }
      return (await ask(api.POST("/api/v1/notifications/read-all"))).unread;
    },
    onMutate: () => queries.setQueryData(UNREAD, 0),
    onSuccess: (unread) => {
      queries.setQueryData(UNREAD, unread);
      queries.setQueryData<InfiniteData<Page>>(
        LIST,
        (data) => data && { ...data, pages: data.pages.map(asRead) },
      );
    },
    onError: () => queries.invalidateQueries({ queryKey: UNREAD }),
  });
}

function asRead(page: Page): Page {
  return { ...page, notifications: page.notifications.map((one) => ({ ...one, read: true })) };
}
