export type Codec = "h264" | "av1";

/** What an AV1 rendition of ours needs: Main profile, level 4.0, 8 bit. Only whether it is decoded is asked. */
const AV1: MediaDecodingConfiguration = {
  type: "media-source",
  video: {
    contentType: 'video/mp4; codecs="av01.0.08M.08"',
    width: 1280,
    height: 720,
    bitrate: 1_500_000,
    framerate: 30,
  },
};

/** The codec of an HLS variant, by its RFC 6381 name. */
export function codecOf(videoCodec: string | undefined): Codec {
  return videoCodec?.startsWith("av01") ? "av1" : "h264";
}

/** Whether AV1 plays here without dropping frames. */
export async function playsAv1(): Promise<boolean> {
  try {
    const found = await navigator.mediaCapabilities.decodingInfo(AV1);
    return found.supported && found.smooth;
  } catch {
    return false;
  }
}

/** AV1 where it is there and plays, for it is smaller; H.264 elsewhere. */
export function chooseCodec(there: ReadonlySet<Codec>, av1Plays: boolean, wanted: Codec | null): Codec {
  if (wanted && there.has(wanted)) return wanted;
  if (there.has("av1") && (av1Plays || !there.has("h264"))) return "av1";
  return "h264";
}
