import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, pictureBody, type Schema, site } from "../../api/client.ts";
import type { User } from "../../auth/AuthContext.tsx";
import { signIns } from "../../auth/session.ts";

/** The API's own limit. */
export const MIN_PASSWORD = 8;

/** What may be offered to somebody who is not signed in; nothing while it is not known. */
export function useSignInOptions(): Schema<"SignInOptions"> | undefined {
  const { data } = useQuery({
    queryKey: ["sign-in-options"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/auth/options", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

/** Changing one's profile, picture and password. */
export function useProfileActions() {
  const queries = useQueryClient();
  const show = (change: Partial<User>) =>
    queries.setQueryData<User>(["me"], (user) => user && { ...user, ...change });
  const profile = useMutation({
    mutationFn: (body: Schema<"Profile">) => ask(api.PATCH("/api/v1/users/me", { body })),
    onSuccess: show,
  });
  const avatar = useMutation({
    mutationFn: (file: File) => ask(api.PUT("/api/v1/users/me/avatar", pictureBody(file))),
    onSuccess: show,
  });
  const noAvatar = useMutation({
    mutationFn: () => ask(api.DELETE("/api/v1/users/me/avatar")),
    onSuccess: () => show({ avatar_url: null }),
  });
  const password = useMutation({
    mutationFn: ({ current, next }: { current: string; next: string }) =>
      site.session.changePassword(current, next),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
  return { profile, avatar, noAvatar, password };
}

/** Where one is signed in. */
export function useSessions() {
  return useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/users/me/sessions", { signal })),
    select: (list) => list.sessions,
  });
}

/** Signing out elsewhere, and everywhere. */
export function useSessionActions() {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: (session_id: string) =>
      ask(api.DELETE("/api/v1/users/me/sessions/{session_id}", { params: { path: { session_id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
  const endAll = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/auth/logout-everywhere")),
    onSuccess: () => signIns.signOut(),
  });
  return { end, endAll };
}
