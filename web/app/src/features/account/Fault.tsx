import { Alert } from "antd";
import { useSentence } from "../../ui/sentence.ts";

/** Why a form was refused, read out when it appears. */
export function Fault({ error }: { error: Error | null }) {
  const sentence = useSentence();
  return (
    <div role="alert">
      {error && <Alert type="error" showIcon title={sentence(error)} className="gap-below" />}
    </div>
  );
}
