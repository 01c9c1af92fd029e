import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client.ts";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";

/** Has the mail that confirms an address sent once more. */
export function ResendMail({ email }: { email: string }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { mutate, isPending, isSuccess } = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/auth/verify-email/resend", { body: { email } })),
    onSuccess: () => void message.success(t("mail.sent")),
    onError: (error) => void message.error(sentence(error)),
  });
  return (
    <Button className="gap-below" loading={isPending} disabled={isSuccess} onClick={() => mutate()}>
      {t("mail.resend")}
    </Button>
  );
}
