import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { recoverCache } from "../src/socket/push.ts";

/** Whether a list read before the socket spoke is read anew. */
function isReadAnew(recovered: boolean, first: boolean): boolean | undefined {
  const queries = new QueryClient();
  queries.setQueryData(["videos"], { pages: [] });
  recoverCache(queries, { channel: "user#u", recovered, first });
  return queries.getQueryState(["videos"])?.isInvalidated;
}

test("what was read before the first socket is read anew: what happened in between was told to nobody", () => {
  expect(isReadAnew(false, true)).toBe(true);
  expect(isReadAnew(false, false)).toBe(true);
  expect(isReadAnew(true, false)).toBe(false);
});
