import { expect, test } from "vitest";
import * as surface from "../src/index.ts";

test("what the package offers", () => {
  expect(Object.keys(surface).sort()).toEqual([
    "RealtimeClient",
    "RequestError",
    "SignedOutError",
    "ticketFrom",
  ]);
});
