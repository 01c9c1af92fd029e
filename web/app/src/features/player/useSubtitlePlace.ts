import { type RefObject, useEffect } from "react";

/** Lines above the bottom where the bar of controls leaves room. */
const ABOVE_CONTROLS = -4;

/** Keeps subtitles clear of the controls while these are there. Cues that have a place of their own keep it. */
export function useSubtitlePlace(video: RefObject<HTMLVideoElement | null>, controls: boolean): void {
  useEffect(() => {
    const tracks = video.current?.textTracks;
    if (!tracks) return;
    const place = () => placeCues(tracks, controls);
    const listen = ({ track }: TrackEvent) => track?.addEventListener("cuechange", place);
    place();
    for (const track of tracks) track.addEventListener("cuechange", place);
    tracks.addEventListener("addtrack", listen);
    return () => {
      for (const track of tracks) track.removeEventListener("cuechange", place);
      tracks.removeEventListener("addtrack", listen);
    };
  }, [video, controls]);
}

/** Moves the cues that are shown now. */
export function placeCues(tracks: Iterable<TextTrack>, controls: boolean): void {
  for (const track of tracks) {
    for (const cue of (track.activeCues ?? []) as Iterable<VTTCue>) {
      if (cue.line === "auto" || cue.line === ABOVE_CONTROLS) cue.line = controls ? ABOVE_CONTROLS : "auto";
    }
  }
}
