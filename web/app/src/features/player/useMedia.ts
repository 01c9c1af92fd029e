import { type RefObject, useEffect, useState } from "react";

export interface MediaState {
  timeS: number;
  durationS: number;
  bufferedS: number;
  paused: boolean;
  ended: boolean;
  waiting: boolean;
  muted: boolean;
  volume: number;
  rate: number;
}

const EVENTS = [
  "timeupdate",
  "durationchange",
  "progress",
  "play",
  "pause",
  "ended",
  "waiting",
  "playing",
  "canplay",
  "seeking",
  "seeked",
  "volumechange",
  "ratechange",
  "emptied",
] as const;

const START: MediaState = {
  timeS: 0,
  durationS: 0,
  bufferedS: 0,
  paused: true,
  ended: false,
  waiting: false,
  muted: false,
  volume: 1,
  rate: 1,
};

/** The state of a video element, for what is drawn over it. */
export function useMedia(video: RefObject<HTMLVideoElement | null>): MediaState {
  const [state, setState] = useState(START);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const read = () => setState(stateOf(element));
    for (const event of EVENTS) element.addEventListener(event, read);
    read();
    return () => {
      for (const event of EVENTS) element.removeEventListener(event, read);
    };
  }, [video]);
  return state;
}

function stateOf(video: HTMLVideoElement): MediaState {
  const { currentTime, buffered, readyState } = video;
  let bufferedS = 0;
  for (let index = 0; index < buffered.length; index++) {
    if (buffered.start(index) <= currentTime + 0.1) bufferedS = Math.max(bufferedS, buffered.end(index));
  }
  return {
    timeS: currentTime,
    durationS: Number.isFinite(video.duration) ? video.duration : 0,
    bufferedS,
    paused: video.paused,
    ended: video.ended,
    waiting: !video.paused && !video.ended && readyState < HTMLMediaElement.HAVE_FUTURE_DATA,
    muted: video.muted,
    volume: video.volume,
    rate: video.playbackRate,
  };
}
