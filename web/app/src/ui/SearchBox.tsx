import { SearchOutlined } from "@ant-design/icons";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";

interface Props {
  value: string;
  label: string;
  onChange: (text: string) => void;
}

const TYPED_MS = 350;

/** Searches when typing pauses, and at once with Enter. */
export function SearchBox({ value, label, onChange }: Props) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef(value);
  // What a pause calls is of now, not of the last letter: other filters may have changed since.
  const newest = useRef(onChange);
  useEffect(() => {
    newest.current = onChange;
  }, [onChange]);
  // The address may change by itself, as when one goes back; what was sent from here is older than what is typed.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    clearTimeout(timer.current);
    setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  function send(typed: string): void {
    clearTimeout(timer.current);
    if (typed === sent.current) return;
    sent.current = typed;
    newest.current(typed);
  }
  function type(typed: string, composing: boolean): void {
    setText(typed);
    clearTimeout(timer.current);
    // Until an input method is done there are letters of a pronunciation, which nobody looks for.
    if (!composing) timer.current = setTimeout(() => send(typed), TYPED_MS);
  }
  function onKeyDown({ key, nativeEvent }: KeyboardEvent): void {
    if (key === "Enter" && !nativeEvent.isComposing) send(text);
  }
  return (
    // Ant Design's Input brings its whole family into the first load.
    <label className="search">
      <SearchOutlined />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={200}
        onChange={({ target, nativeEvent }) =>
          type(target.value, (nativeEvent as InputEvent).isComposing === true)
        }
        onCompositionEnd={({ currentTarget }) => type(currentTarget.value, false)}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}
