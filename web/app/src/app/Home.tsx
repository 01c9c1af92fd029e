import { Navigate } from "react-router";
import { useAuth } from "../auth/AuthContext.tsx";
import { Failure } from "../ui/Failure.tsx";
import { PageSkeleton } from "../ui/PageSkeleton.tsx";

/** Where somebody lands: their videos if they may have some, everybody's otherwise. */
export function Home() {
  const { status, error, retry, can } = useAuth();
  if (error) return <Failure error={error} onRetry={retry} />;
  if (status === "unknown") return <PageSkeleton />;
  return <Navigate to={can("videos.create") ? "/videos" : "/browse"} replace />;
}
