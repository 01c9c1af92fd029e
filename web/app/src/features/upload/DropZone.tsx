import { InboxOutlined } from "@ant-design/icons";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

/** Where files are dropped, or chosen by a click or the keyboard. */
export function DropZone({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const hint = useId();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for the mouse; the button does the same
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      <button type="button" aria-describedby={hint} onClick={() => input.current?.click()}>
        <InboxOutlined className="drop-icon" />
        <span className="drop-title">{t("upload.drop")}</span>
      </button>
      <p id={hint} className="muted">
        {t("upload.hint")}
      </p>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-hidden
        tabIndex={-1}
        data-testid="files"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // Choosing the same file once more is a change, too.
          event.target.value = "";
        }}
      />
    </div>
  );
}
