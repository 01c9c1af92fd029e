import { useEffect, useState } from "react";
import { parseStoryboard, type Still } from "./storyboard.ts";

/** The pictures of a storyboard; none while they are read, or where there are none. */
export function useStills(address: string | null): readonly Still[] {
  const [stills, setStills] = useState<readonly Still[]>([]);
  useEffect(() => {
    if (!address) return;
    const stop = new AbortController();
    fetch(address, { signal: stop.signal })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => setStills(parseStoryboard(text, address)))
      .catch(() => {});
    return () => stop.abort();
  }, [address]);
  return stills;
}
