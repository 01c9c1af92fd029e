import { useQueryClient } from "@tanstack/react-query";
import type {
  State,
  SystemMessage,
  TranscodeComplete,
  TranscodeFailed,
  TranscodeProgress,
} from "@videosite/realtime";
import { Button } from "antd";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../ui/feedback.tsx";
import { formatBytes } from "../ui/format.ts";
import { codecName } from "../ui/names.ts";
import { useSentence } from "../ui/sentence.ts";
import { ifOwn, knownVideo } from "./own.ts";
import { Starts } from "./starts.ts";

export interface ToastHandlers {
  onTranscodeStart?: (message: TranscodeProgress) => void;
  onTranscodeComplete?: (message: TranscodeComplete) => void;
  onTranscodeFailed?: (message: TranscodeFailed) => void;
  onSystemMessage?: (message: SystemMessage) => void;
}

export interface Toasts {
  progress: (message: TranscodeProgress) => void;
  complete: (message: TranscodeComplete) => void;
  failed: (message: TranscodeFailed) => void;
  system: (message: SystemMessage) => void;
  connection: (state: State, reconnect: () => void) => void;
}

/** Failed retries after which it is said that there is no connection. */
const WARN_AFTER = 5;
const CONNECTION = "connection";

/**
 * What pops up when something happens to what is a user's own. One toast per video: a newer one takes the older
 * one's place.
 */
export function useToasts(overrides: ToastHandlers, userId: string): Toasts {
  const { notification } = useFeedback();
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const sentence = useSentence();
  const starts = useRef(new Starts());
  const newest = useRef(overrides);
  newest.current = overrides;
  /** Videos whose beginning was the last that was told of them, by its message. */
  const begun = useRef(new Map<number, string>());
  const warned = useRef(false);
  return useMemo<Toasts>(() => {
    const started = (message: TranscodeProgress) => {
      if (newest.current.onTranscodeStart) {
        newest.current.onTranscodeStart(message);
        return;
      }
      const key = `video ${message.video_id}`;
      void knownVideo(queries, message.video_id).then(
        ({ title }) => {
          // It may have ended before its title was there.
          if (begun.current.get(message.video_id) !== message.id) return;
          notification.info({ key, title: t("toast.started"), description: title });
        },
        () => {},
      );
    };
    const completed = (message: TranscodeComplete) => {
      if (newest.current.onTranscodeComplete) {
        newest.current.onTranscodeComplete(message);
        return;
      }
      notification.success({
        key: `video ${message.video_id}`,
        title: t("toast.completed", { title: message.title }),
        description: `${codecName(message.format_type)} · ${formatBytes(message.file_size, i18n.language)}`,
      });
    };
    const failed = (message: TranscodeFailed) => {
      if (newest.current.onTranscodeFailed) {
        newest.current.onTranscodeFailed(message);
        return;
      }
      notification.error({
        key: `video ${message.video_id}`,
        title: t("toast.failed", { title: message.title }),
        description: sentence({ code: message.code, message: message.error }),
        duration: 10,
      });
    };
    return {
      progress: (message) => {
        if (!starts.current.begins(message)) return;
        begun.current.set(message.video_id, message.id);
        ifOwn(queries, userId, message, () => started(message));
      },
      complete: (message) => {
        begun.current.delete(message.video_id);
        ifOwn(queries, userId, message, () => completed(message));
      },
      failed: (message) => {
        begun.current.delete(message.video_id);
        ifOwn(queries, userId, message, () => failed(message));
      },
      system: (message) => {
        if (newest.current.onSystemMessage) {
          newest.current.onSystemMessage(message);
          return;
        }
        notification[message.level]({
          key: message.id,
          title: t("toast.system"),
          description: message.text?.[i18n.language] ?? message.message,
          duration: message.level === "info" ? 6 : 0,
        });
      },
      connection: (state, reconnect) => {
        if (state.name === "open" || state.name === "closed") {
          notification.destroy(CONNECTION);
          warned.current = false;
          // Once for each time the connection is lost: who puts it away is not told again with every attempt.
        } else if (state.name === "waiting" && state.attempt > WARN_AFTER && !warned.current) {
          warned.current = true;
          notification.warning({
            key: CONNECTION,
            title: t("toast.disconnected"),
            description: t("toast.disconnectedText"),
            duration: 0,
            actions: (
              <Button size="small" type="primary" onClick={reconnect}>
                {t("toast.reconnect")}
              </Button>
            ),
          });
        }
      },
    };
  }, [notification, t, i18n, queries, sentence, userId]);
}
