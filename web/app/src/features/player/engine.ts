import Hls, { type ErrorData, type Level } from "hls.js";
import { type Codec, chooseCodec, codecOf, playsAv1 } from "./codecs.ts";

/** What can be chosen, and what is. Tracks are named by their place in hls.js's lists. */
export interface Tracks {
  codecs: readonly Codec[];
  codec: Codec;
  /** Heights, the highest first, with the index of each level. */
  qualities: readonly { index: number; height: number; kbps: number }[];
  /** The height that was chosen; null: by the connection. */
  quality: number | null;
  /** The height that plays; null before it does. */
  playing: number | null;
  audio: readonly { index: number; name: string; language: string }[];
  audioTrack: number;
  subtitles: readonly { index: number; name: string; language: string }[];
  /** -1: none. */
  subtitle: number;
}

export interface EngineEvents {
  onTracks: (tracks: Tracks) => void;
  /** It will not play; hls.js tried what it can. */
  onFatal: (code: string) => void;
}

export interface Engine {
  chooseQuality: (index: number) => void;
  chooseAudio: (index: number) => void;
  chooseSubtitle: (index: number) => void;
  destroy: () => void;
}

const RECOVERIES = 3;

/**
 * Plays an HLS address in a video element with hls.js, with the variants of one codec: a decoder is not changed
 * while it plays.
 *
 * @param startS where to begin. hls.js would begin a growing list near its end.
 */
export async function startEngine(
  video: HTMLVideoElement,
  url: string,
  wanted: Codec | null,
  startS: number,
  events: EngineEvents,
): Promise<Engine> {
  if (!Hls.isSupported()) return native(video, url, startS, events);
  const av1Plays = await playsAv1();
  const hls = new Hls({
    startPosition: startS,
    // A bare 0 would be "where the list says", which is near its end.
    ...(startS === 0 && { startPosition: 0.001 }),
    maxBufferLength: 30,
    backBufferLength: 60,
    capLevelToPlayerSize: true,
    renderTextTracksNatively: true,
    // The first seconds may be a moment away (404 `not_ready`).
    manifestLoadPolicy: patient(),
    playlistLoadPolicy: patient(),
  });
  let codecs: readonly Codec[] = [];
  let codec: Codec = "h264";
  let recoveries = 0;
  /** Of loading, since something was loaded. */
  let restarts = 0;
  const load = () => hls.startLoad();

  const tell = () => {
    if (!hls.levels.length) return;
    events.onTracks({
      codecs,
      codec,
      qualities: levelsOf(hls)
        .map(({ level, index }) => ({
          index,
          height: shortSide(level),
          kbps: Math.round(level.bitrate / 1000),
        }))
        .sort((one, other) => other.height - one.height),
      quality: hls.autoLevelEnabled ? null : heightOf(hls, hls.manualLevel),
      playing: heightOf(hls, hls.currentLevel),
      audio: hls.audioTracks.map((one, index) => ({ index, name: one.name, language: one.lang ?? "" })),
      audioTrack: hls.audioTrack,
      subtitles: hls.subtitleTracks.map((one, index) => ({
        index,
        name: one.name,
        language: one.lang ?? "",
      })),
      subtitle: hls.subtitleDisplay ? hls.subtitleTrack : -1,
    });
  };
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    const there = new Set(hls.levels.map((level) => codecOf(level.videoCodec)));
    codecs = [...there];
    codec = chooseCodec(there, av1Plays, wanted);
    for (let index = hls.levels.length - 1; index >= 0; index--) {
      if (codecOf(hls.levels[index]?.videoCodec) !== codec) hls.removeLevel(index);
    }
    tell();
  });
  for (const event of [
    Hls.Events.LEVEL_SWITCHED,
    Hls.Events.AUDIO_TRACKS_UPDATED,
    Hls.Events.AUDIO_TRACK_SWITCHED,
    Hls.Events.SUBTITLE_TRACKS_UPDATED,
    Hls.Events.SUBTITLE_TRACK_SWITCH,
  ] as const) {
    hls.on(event, tell);
  }
  hls.on(Hls.Events.ERROR, (_: string, data: ErrorData) => {
    if (!data.fatal) return;
    const network = data.type === Hls.ErrorTypes.NETWORK_ERROR && hls.levels.length > 0;
    // What is buffered plays on meanwhile.
    if (network && !navigator.onLine) window.addEventListener("online", load, { once: true });
    else if (network && restarts++ < RECOVERIES) load();
    else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && recoveries++ < RECOVERIES) hls.recoverMediaError();
    else events.onFatal(data.details);
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => {
    restarts = 0;
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    chooseQuality: (index) => {
      hls.nextLevel = index;
      tell();
    },
    chooseAudio: (index) => {
      hls.audioTrack = index;
    },
    chooseSubtitle: (index) => {
      hls.subtitleDisplay = index >= 0;
      hls.subtitleTrack = index;
      tell();
    },
    destroy: () => {
      window.removeEventListener("online", load);
      hls.destroy();
    },
  };
}

/** One level of each size: of those that differ in their sound, the one whose sound is playing. */
function levelsOf(hls: Hls): { level: Level; index: number }[] {
  const sound = hls.audioTracks[hls.audioTrack]?.groupId;
  const found = new Map<number, { level: Level; index: number }>();
  for (const [index, level] of hls.levels.entries()) {
    const height = shortSide(level);
    if (!found.has(height) || (sound && level.hasAudioGroup(sound))) found.set(height, { level, index });
  }
  return [...found.values()];
}

/** Repeats what is not there yet, once a second, as the API asks. */
function patient() {
  const retry = { maxNumRetry: 30, retryDelayMs: 1000, maxRetryDelayMs: 2000 };
  return {
    default: {
      maxTimeToFirstByteMs: 20_000,
      maxLoadTimeMs: 20_000,
      timeoutRetry: retry,
      errorRetry: {
        ...retry,
        shouldRetry: (
          _config: unknown,
          count: number,
          timeout: boolean,
          response: { code?: number } | undefined,
        ): boolean =>
          count < retry.maxNumRetry &&
          (timeout || response?.code === 404 || !response?.code || response.code >= 500),
      },
    },
  };
}

function heightOf(hls: Hls, index: number): number | null {
  const level = hls.levels[index];
  return level ? shortSide(level) : null;
}

function shortSide({ width, height }: Level): number {
  return width && height ? Math.min(width, height) : height;
}

/** Where there is no MSE (iPhones) the browser plays HLS itself, and has its own menus. */
function native(video: HTMLVideoElement, url: string, startS: number, events: EngineEvents): Engine {
  const failed = () => events.onFatal("native");
  const begin = () => {
    video.currentTime = startS;
  };
  video.addEventListener("error", failed);
  video.addEventListener("loadedmetadata", begin, { once: true });
  video.src = url;
  const none = () => {};
  return {
    chooseQuality: none,
    chooseAudio: none,
    chooseSubtitle: none,
    destroy: () => {
      video.removeEventListener("error", failed);
      video.removeEventListener("loadedmetadata", begin);
      video.removeAttribute("src");
      video.load();
    },
  };
}
