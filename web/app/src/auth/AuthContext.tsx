import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from "react";
import { api, ask, type Schema } from "../api/client.ts";
import { signIns } from "./session.ts";

export type User = Schema<"User">;

export interface Auth {
  /** `unknown` while the account is read for the first time. */
  status: "unknown" | "signed_in" | "signed_out";
  user: User | null;
  /** Why the account could not be read. */
  error: Error | null;
  retry: () => void;
  /** Whether whoever is signed in has a permission. */
  can: (permission: string) => boolean;
}

const AuthContext = createContext<Auth | null>(null);

/** Who is signed in. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const id = useSyncExternalStore(signIns.subscribe, () => signIns.id);
  const me = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/users/me", { signal })),
    enabled: id !== null,
    staleTime: 300_000,
  });
  const auth = useMemo<Auth>(() => {
    const user = (id !== null && me.data) || null;
    return {
      status: id === null ? "signed_out" : user ? "signed_in" : "unknown",
      user,
      error: user ? null : me.error,
      retry: () => void me.refetch(),
      can: (permission) => user?.permissions.includes(permission) ?? false,
    };
  }, [id, me.data, me.error, me.refetch]);
  return <AuthContext value={auth}>{children}</AuthContext>;
}

/** Who is signed in, for components. */
export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth outside of AuthProvider");
  return auth;
}
