export const SPEEDS: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** What a key does in the player; null: nothing. Letters as on other players. */
export type Command =
  | { do: "toggle" | "fullscreen" | "picture" | "captions" }
  | { do: "mute" }
  | { do: "seek"; byS: number }
  | { do: "seekTo"; fraction: number }
  | { do: "volume"; by: number }
  | { do: "speed"; by: 1 | -1 };

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">;

export function commandOf({ key, ctrlKey, metaKey, altKey }: Key): Command | null {
  if (ctrlKey || metaKey || altKey) return null;
  if (/^[0-9]$/.test(key)) return { do: "seekTo", fraction: Number(key) / 10 };
  switch (key.toLowerCase()) {
    case " ":
    case "k":
      return { do: "toggle" };
    case "j":
      return { do: "seek", byS: -10 };
    case "l":
      return { do: "seek", byS: 10 };
    case "arrowleft":
      return { do: "seek", byS: -5 };
    case "arrowright":
      return { do: "seek", byS: 5 };
    case "arrowup":
      return { do: "volume", by: 0.1 };
    case "arrowdown":
      return { do: "volume", by: -0.1 };
    case "m":
      return { do: "mute" };
    case "f":
      return { do: "fullscreen" };
    case "i":
      return { do: "picture" };
    case "c":
      return { do: "captions" };
    case ">":
      return { do: "speed", by: 1 };
    case "<":
      return { do: "speed", by: -1 };
    default:
      return null;
  }
}
