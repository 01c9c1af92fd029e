/** A picture of the storyboard: a cut of a sheet, shown for [startS, endS). */
export interface Still {
  startS: number;
  endS: number;
  url: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const TIMES = /^([\d:.]+)\s+-->\s+([\d:.]+)/;
const CUT = /^(.+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

/** The pictures of a storyboard's WebVTT, whose addresses are relative to its own. */
export function parseStoryboard(text: string, address: string): Still[] {
  const found: Still[] = [];
  let times: RegExpExecArray | null = null;
  for (const line of text.split(/\r?\n/)) {
    const next = TIMES.exec(line);
    if (next) {
      times = next;
      continue;
    }
    const cut = CUT.exec(line.trim());
    if (!times || !cut) continue;
    const [x = 0, y = 0, width = 0, height = 0] = cut.slice(2).map(Number);
    found.push({
      startS: seconds(times[1]),
      endS: seconds(times[2]),
      url: new URL(cut[1] ?? "", address).href,
      x,
      y,
      width,
      height,
    });
    times = null;
  }
  return found;
}

/** The picture of a time; the nearest one before it where none covers it. */
export function stillAt(stills: readonly Still[], timeS: number): Still | undefined {
  return stills.findLast((still) => still.startS <= timeS) ?? stills[0];
}

function seconds(clock: string | undefined): number {
  return (clock ?? "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
