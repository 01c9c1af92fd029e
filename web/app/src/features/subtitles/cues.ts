export interface Cue {
  startS: number;
  endS: number;
  text: string;
}

const TIMES = /^([\d:.]+)\s+-->\s+([\d:.]+)/;

/** The cues of a WebVTT as our API writes it, without their markup. */
export function parseCues(vtt: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of vtt.split(/\r?\n\r?\n+/)) {
    const lines = block.split(/\r?\n/);
    const at = lines.findIndex((line) => TIMES.test(line));
    const times = TIMES.exec(lines[at] ?? "");
    if (!times) continue;
    const text = plain(
      lines
        .slice(at + 1)
        .join("\n")
        .trim(),
    );
    cues.push({ startS: seconds(times[1]), endS: seconds(times[2]), text });
  }
  return cues;
}

const ENTITIES: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  nbsp: " ",
  lrm: "\u200e",
  rlm: "\u200f",
};

function plain(text: string): string {
  return text.replace(/<[^>]*>/g, "").replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

function seconds(clock: string | undefined): number {
  return (clock ?? "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
