import type { AddressedMessage, Resumed } from "./messages.ts";

interface Channel {
  /** Number of the last message handed out; null where it is not known yet. */
  seq: number | null;
  /** Messages that came while earlier ones are missing, by number. */
  held: Map<number, AddressedMessage>;
  /** Whether what is missing was asked for. */
  recovering: boolean;
}

/**
 * Where each channel stands: stored messages come out in order, each once, none left out in silence.
 *
 * What comes while something before it is missing is held until `resumed` has filled the hole or said that
 * it cannot be filled.
 */
export class Positions {
  readonly #channels = new Map<string, Channel>();

  /** Positions to `resume` channels from, which counts as having asked for what is missing. */
  ask(names: Iterable<string>): Record<string, number | null> {
    const positions: Record<string, number | null> = {};
    for (const name of names) {
      const channel = this.#channel(name);
      channel.recovering = true;
      positions[name] = channel.seq;
    }
    return positions;
  }

  /** Whether a channel's position was ever known. */
  knows(name: string): boolean {
    return this.#channels.get(name)?.seq != null;
  }

  /** Whether something is missing that nobody has asked for yet. */
  hasGap(name: string): boolean {
    const channel = this.#channels.get(name);
    return channel !== undefined && !channel.recovering && channel.held.size > 0;
  }

  /** Takes a message with a number as it came; returns what may be handed out. */
  take(message: AddressedMessage, seq: number): AddressedMessage[] {
    const channel = this.#channel(message.channel);
    if (channel.seq !== null && seq <= channel.seq) return [];
    channel.held.set(seq, message);
    return release(channel);
  }

  /** Takes a part of the answer to `resume`; returns what may be handed out. */
  resume(part: Resumed): AddressedMessage[] {
    const channel = this.#channel(part.channel);
    const found: AddressedMessage[] = [];
    for (const message of part.messages) {
      const seq = message.seq ?? 0;
      if (channel.seq !== null && seq <= channel.seq) continue;
      channel.seq = seq;
      found.push(message);
    }
    // Not recovered: what came on this socket is told all the same, and it goes on from where the server
    // says, even if that is further back.
    if (!part.recovered) found.push(...takeUpTo(channel, part.seq));
    channel.seq = part.recovered ? Math.max(channel.seq ?? 0, part.seq) : part.seq;
    channel.recovering = part.more;
    return [...found, ...release(channel)];
  }

  /** Stops waiting for what is missing; returns what was held, in order. */
  giveUp(name: string): AddressedMessage[] {
    const channel = this.#channel(name);
    channel.recovering = false;
    const first = Math.min(...channel.held.keys());
    if (Number.isFinite(first)) channel.seq = first - 1;
    return release(channel);
  }

  /** Forgets a channel that is heard no more. */
  forget(name: string): void {
    this.#channels.delete(name);
  }

  #channel(name: string): Channel {
    let channel = this.#channels.get(name);
    if (!channel) {
      channel = { seq: null, held: new Map(), recovering: false };
      this.#channels.set(name, channel);
    }
    return channel;
  }
}

/** Held messages up to a number, in order, whatever is missing between them. */
function takeUpTo(channel: Channel, last: number): AddressedMessage[] {
  const found = [...channel.held].filter(([seq]) => seq <= last).sort(([a], [b]) => a - b);
  for (const [seq] of found) channel.held.delete(seq);
  return found.map(([, message]) => message);
}

/** Held messages that follow the position without a hole. What is older than the position is dropped. */
function release(channel: Channel): AddressedMessage[] {
  const found: AddressedMessage[] = [];
  for (const seq of [...channel.held.keys()].sort((a, b) => a - b)) {
    const message = channel.held.get(seq);
    if (channel.seq === null || seq > channel.seq + 1) break;
    channel.held.delete(seq);
    if (message && seq === channel.seq + 1) {
      channel.seq = seq;
      found.push(message);
    }
  }
  return found;
}
