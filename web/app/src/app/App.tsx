import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ProblemError } from "@videosite/api";
import { useState, useSyncExternalStore } from "react";
import { RouterProvider } from "react-router";
import { isPassing } from "../api/client.ts";
import { AuthProvider } from "../auth/AuthContext.tsx";
import { signIns } from "../auth/session.ts";
import { UploadProvider } from "../features/upload/UploadContext.tsx";
import { WebSocketProvider } from "../socket/WebSocketContext.tsx";
import { Look } from "./Look.tsx";
import { router } from "./routes.tsx";

const RETRIES = 2;

function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What the server refuses once it refuses again.
        retry: (failures, error) =>
          failures < RETRIES && !(error instanceof ProblemError && !isPassing(error)),
      },
    },
  });
}

/** The console. */
export function App() {
  const id = useSyncExternalStore(signIns.subscribe, () => signIns.id);
  return (
    <Look>
      <OfSession key={id ?? "nobody"} />
    </Look>
  );
}

/** With another sign-in everything starts anew: nothing of one account may be shown to the next. */
function OfSession() {
  const [queries] = useState(makeQueries);
  return (
    <QueryClientProvider client={queries}>
      <AuthProvider>
        <WebSocketProvider>
          <UploadProvider>
            <RouterProvider router={router} />
          </UploadProvider>
        </WebSocketProvider>
      </AuthProvider>
    </QueryClientProvider>
  );
}
