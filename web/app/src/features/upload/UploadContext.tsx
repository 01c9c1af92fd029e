import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useAuth } from "../../auth/AuthContext.tsx";
import { type Upload, UploadManager } from "./manager.ts";

const UploadContext = createContext<UploadManager | null>(null);

/** The uploads of who is signed in: they go on while other pages are looked at. */
export function UploadProvider({ children }: { children: ReactNode }) {
  const { user } = useAuth();
  const queries = useQueryClient();
  const userId = user?.user_id;
  const [manager, setManager] = useState<UploadManager | null>(null);
  useEffect(() => {
    if (!userId) return;
    const made = new UploadManager(userId);
    let done = 0;
    const watch = made.subscribe(() => {
      const now = made.uploads.filter((one) => one.status === "done").length;
      if (now > done) void queries.invalidateQueries({ queryKey: ["videos"] });
      done = now;
    });
    const warn = (event: BeforeUnloadEvent) => made.busy && event.preventDefault();
    window.addEventListener("beforeunload", warn);
    setManager(made);
    return () => {
      watch();
      window.removeEventListener("beforeunload", warn);
      made.close();
      setManager(null);
    };
  }, [userId, queries]);
  return <UploadContext value={manager}>{children}</UploadContext>;
}

/** The uploads' manager; null until it is known who is signed in. */
export function useUploadManager(): UploadManager | null {
  return useContext(UploadContext);
}

const NONE: readonly Upload[] = [];
const nothing = () => () => {};

/** The uploads, newest first. */
export function useUploads(): readonly Upload[] {
  const manager = useUploadManager();
  return useSyncExternalStore(manager?.subscribe ?? nothing, () => manager?.uploads ?? NONE);
}
