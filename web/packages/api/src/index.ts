export { isKnownCode, ok, ProblemError } from "./problem.ts";
export { CODES, type Code, type components, type operations, type paths } from "./schema.ts";
export type { Lock, Session } from "./session.ts";
export { connect, type Site, type SiteOptions } from "./site.ts";
export { inLocalStorage, inMemory, type Kept, type TokenStore } from "./store.ts";
