import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { api, ask, type Schema } from "../../api/client.ts";
import { defined, oneOf } from "../../ui/useAddress.ts";

export type Account = Schema<"AdminUser">;
export type Role = Schema<"Role">;
export type Quotas = Schema<"Quotas">;

export const STATES = ["active", "unverified", "suspended"] as const;

/** What the list is asked for; it is in the address. */
export interface Filters {
  email: string;
  role: string | undefined;
  state: (typeof STATES)[number] | undefined;
}

const PAGE = 50;

/** The filters of an address. */
export function filtersOf(parameters: URLSearchParams): Filters {
  return {
    email: parameters.get("email") ?? "",
    role: parameters.get("role") ?? undefined,
    state: oneOf(STATES, parameters.get("state")),
  };
}

/** Accounts by address, in pages. */
export function useUsers(filters: Filters) {
  return useInfiniteQuery({
    queryKey: ["users", filters],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v1/admin/users", {
          params: { query: defined({ ...filters, limit: PAGE, cursor: pageParam }) },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** What somebody uses of their quota. */
export function useUsage(userId: string, enabled: boolean) {
  return useQuery({
    queryKey: ["usage", userId],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v1/admin/users/{user_id}/usage", { params: { path: { user_id: userId } }, signal })),
    enabled,
  });
}

/** The roles there are, and all permissions. */
export function useRoles() {
  return useQuery({
    queryKey: ["roles"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/admin/roles", { signal })),
  });
}

/** Something that changes accounts or roles; lists are read anew after it. */
function useChange<Input, Result>(work: (input: Input) => Promise<Result>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["users"] });
      void queries.invalidateQueries({ queryKey: ["roles"] });
      void queries.invalidateQueries({ queryKey: ["usage"] });
    },
  });
}

export function useCreateUser() {
  return useChange((body: Schema<"NewUser">) => ask(api.POST("/api/v1/admin/users", { body })));
}

export function useChangeUser(userId: string) {
  return useChange((body: Schema<"UserChange">) =>
    ask(api.PATCH("/api/v1/admin/users/{user_id}", { params: { path: { user_id: userId } }, body })),
  );
}

export function useSuspend(userId: string) {
  return useChange((reason: string) =>
    ask(
      api.POST("/api/v1/admin/users/{user_id}/suspend", {
        params: { path: { user_id: userId } },
        body: { reason },
      }),
    ),
  );
}

export function useRestore(userId: string) {
  return useChange(() =>
    ask(api.POST("/api/v1/admin/users/{user_id}/restore", { params: { path: { user_id: userId } } })),
  );
}

export function useDeleteUser(userId: string) {
  return useChange(() =>
    ask(api.DELETE("/api/v1/admin/users/{user_id}", { params: { path: { user_id: userId } } })),
  );
}

export function useSaveRole() {
  return useChange(({ role, ...body }: { role: string; description: string; permissions: string[] }) =>
    ask(api.PUT("/api/v1/admin/roles/{role}", { params: { path: { role } }, body })),
  );
}

export function useRemoveRole(role: string) {
  return useChange(() => ask(api.DELETE("/api/v1/admin/roles/{role}", { params: { path: { role } } })));
}
