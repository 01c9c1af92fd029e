"""Which of FFmpeg's 500 decoders sources may use.

Left out is what no camera, editor or phone writes and nobody fuzzes: formats of games, and `librsvg`, which
takes addresses out of a picture. Hardware decoders are not there on a function.
"""

VIDEO = (
    "h264 hevc vvc libdav1d av1 vp8 vp9 vp3 theora vp6 vp6f vp6a mpeg1video mpeg2video mpeg4 msmpeg4v1 "
    "msmpeg4v2 msmpeg4 h261 h263 h263i h263p flv wmv1 wmv2 wmv3 vc1 rv30 rv40 svq1 svq3 cinepak indeo3 "
    "indeo4 indeo5 mjpeg mjpegb jpeg2000 png bmp gif webp dvvideo dnxhd prores prores_raw cfhd apv hap "
    "ffv1 ffvhuff huffyuv utvideo magicyuv lagarith rawvideo v210 v210x v308 v408 v410 r210 r10k yuv4 "
    "qtrle rpza smc msvideo1 msrle zmbv camtasia tscc2 screenpresso flashsv flashsv2 "
    "fraps dxtory mss1 mss2 aic hqx hq_hqa cllc pixlet speedhq amv sp5x dirac"
)
AUDIO = (
    "aac aac_latm mp3float mp3 mp2float mp2 mp1float mp1 ac3 eac3 dca truehd mlp opus vorbis flac alac "
    "wavpack tta ape wmav1 wmav2 wmapro wmalossless amrnb amrwb gsm gsm_ms speex nellymoser qdm2 qdmc "
    "cook sipr mace3 mace6 s302m g722 g726 adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_swf adpcm_yamaha "
    "pcm_alaw pcm_mulaw pcm_bluray pcm_dvd pcm_s8 pcm_u8 pcm_s16be pcm_s16le pcm_s16le_planar pcm_s24be "
    "pcm_s24le pcm_s32be pcm_s32le pcm_f32be pcm_f32le pcm_f64be pcm_f64le "
    "qcelp evrc truespeech g723_1 ilbc atrac3 wmavoice dvaudio"
)
SUBTITLES = "subrip srt ass ssa mov_text webvtt text dvbsub dvdsub pgssub xsub cc_dec"
ALLOWED = ",".join(f"{VIDEO} {AUDIO} {SUBTITLES}".split())
"""As `-codec_whitelist` takes it."""
