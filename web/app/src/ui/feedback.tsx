import { message, notification } from "antd";
import { createContext, type ReactNode, useContext, useMemo } from "react";

/** Where toasts are drawn: below the header. */
const TOP = 64;
const MOST = 5;

type Notifications = ReturnType<typeof notification.useNotification>[0];
type Messages = ReturnType<typeof message.useMessage>[0];

export interface Feedback {
  notification: Notifications;
  message: Messages;
}

const FeedbackContext = createContext<Feedback | null>(null);

/** Toasts and short messages. Ant Design's own `App` would bring its dialogs into the first load. */
export function FeedbackProvider({ children }: { children: ReactNode }) {
  const [notifications, notificationHolder] = notification.useNotification({
    placement: "topRight",
    top: TOP,
    maxCount: MOST,
  });
  const [messages, messageHolder] = message.useMessage({ top: TOP });
  const value = useMemo(
    () => ({ notification: notifications, message: messages }),
    [notifications, messages],
  );
  return (
    <FeedbackContext value={value}>
      {notificationHolder}
      {messageHolder}
      {children}
    </FeedbackContext>
  );
}

/** How to tell the reader something in passing. */
export function useFeedback(): Feedback {
  const value = useContext(FeedbackContext);
  if (!value) throw new Error("useFeedback outside of FeedbackProvider");
  return value;
}
