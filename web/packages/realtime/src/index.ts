export {
  type Problem,
  RealtimeClient,
  type RealtimeEvents,
  type RealtimeOptions,
  type Recovery,
  type Who,
} from "./client.ts";
export type { State } from "./line.ts";
export type * from "./messages.ts";
export { RequestError } from "./requests.ts";
export { SignedOutError, ticketFrom } from "./ticket.ts";
