/** A codec's name, as people know it. */
export function codecName(codec: string): string {
  return { h264: "H.264", av1: "AV1" }[codec] ?? codec.toUpperCase();
}

/** "1280x720" → "720p": by the shorter side, as portrait videos have the other one. */
export function resolutionName(resolution: string): string {
  const sides = resolution.split("x").map(Number);
  return sides.length === 2 && sides.every(Number.isFinite) ? `${Math.min(...sides)}p` : resolution;
}
