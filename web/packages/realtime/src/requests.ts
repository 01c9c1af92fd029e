import type { ClientRequest, ServerMessage } from "./messages.ts";

const ANSWER_MS = 10_000;
const ATTEMPTS = 3;
/** Codes after which the same request may be followed. */
const TRANSIENT: ReadonlySet<string> = new Set(["table_busy", "internal_error"]);

/** A request that was not followed: the server's `code`, or `no_answer`, or `disconnected`. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Request {
  /** Made anew for each attempt. */
  frame: () => ClientRequest;
  /** What a message is to it. */
  answers: (message: ServerMessage) => "no" | "part" | "whole";
  attempt: number;
  resolve: (message: ServerMessage) => void;
  reject: (error: RequestError) => void;
}

/**
 * What is asked of the server, one at a time.
 *
 * API Gateway hands messages of one socket to functions in parallel, and an error names no more than the
 * action: only with one request at a time is their order certain, and what an answer is to.
 */
export class Requests {
  readonly #send: (frame: ClientRequest) => void;
  readonly #isOpen: () => boolean;
  readonly #waiting: Request[] = [];
  #current: { request: Request; action: string } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (frame: ClientRequest) => void, isOpen: () => boolean) {
    this.#send = send;
    this.#isOpen = isOpen;
  }

  /**
   * Asks when it is its turn; repeats what is not answered within 10 s. Without a socket nothing is asked: it
   * would stand in the way of what the next one asks first.
   *
   * @throws RequestError
   */
  ask(frame: Request["frame"], answers: Request["answers"]): Promise<ServerMessage> {
    if (!this.#isOpen()) return Promise.reject(new RequestError("disconnected", "There is no socket."));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame, answers, attempt: 0, resolve, reject });
      if (!this.#current) this.#next();
    });
  }

  /** Every message that comes goes through here; whether it was the answer to what was asked. */
  hear(message: ServerMessage): boolean {
    if (!this.#current) return false;
    const { request, action } = this.#current;
    if (message.type === "error") {
      // What names no action is about the socket: too many messages, or its end. What is transient is over by
      // the time that the answer is missed.
      if (message.action === action && !TRANSIENT.has(message.code)) {
        this.#fail(new RequestError(message.code, message.message));
        return true;
      }
      return false;
    }
    const part = request.answers(message);
    if (part === "part") this.#await();
    if (part === "whole") {
      this.#end();
      request.resolve(message);
      this.#next();
    }
    return part !== "no";
  }

  /** The socket is gone: nothing that was asked will be answered. */
  clear(): void {
    const all = [...(this.#current ? [this.#current.request] : []), ...this.#waiting.splice(0)];
    this.#end();
    for (const request of all) request.reject(new RequestError("disconnected", "The socket was closed."));
  }

  #next(): void {
    const request = this.#waiting.shift();
    if (request) this.#attempt(request);
  }

  #attempt(request: Request): void {
    request.attempt += 1;
    const frame = request.frame();
    this.#current = { request, action: frame.action };
    this.#await();
    this.#send(frame);
  }

  #await(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#missed(), ANSWER_MS);
  }

  #missed(): void {
    const request = this.#current?.request;
    if (!request) return;
    if (request.attempt < ATTEMPTS) this.#attempt(request);
    else this.#fail(new RequestError("no_answer", "The server does not answer."));
  }

  #fail(error: RequestError): void {
    const request = this.#current?.request;
    this.#end();
    request?.reject(error);
    this.#next();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#current = null;
  }
}
