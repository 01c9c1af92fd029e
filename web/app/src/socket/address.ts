import { SignedOutError, ticketFrom } from "@videosite/realtime";
import { site } from "../api/client.ts";

/** Address of the sockets up to `/api/v1/ws`: this origin's, unless the build names another. */
export function socketUrl(origin: string = location.origin): string {
  return import.meta.env.VITE_WS_URL || `${origin.replace(/^http/, "ws")}/api/v1/ws`;
}

/** A one-use ticket of who is signed in. */
export const ticket = ticketFrom("/api/v1", async (refused) => {
  const token = await (refused ? site.session.renew(refused) : site.session.accessToken());
  if (!token) throw new SignedOutError("Nobody is signed in.");
  return token;
});
