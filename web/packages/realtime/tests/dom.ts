import { vi } from "vitest";
import { WebSocket } from "ws";

// jsdom's own WebSocket fires Node's events, which jsdom's EventTarget refuses.
vi.stubGlobal("WebSocket", WebSocket);
