export { RealtimeClient } from "./client.ts";
export type { State } from "./line.ts";
export type * from "./messages.ts";
export type { Problem, RealtimeEvents, RealtimeOptions, Recovery, Who } from "./options.ts";
export { RequestError } from "./requests.ts";
export { SignedOutError, ticketFrom } from "./ticket.ts";
