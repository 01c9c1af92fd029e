import { SearchOutlined } from "@ant-design/icons";
import { useEffect, useState } from "react";

interface Props {
  value: string;
  label: string;
  onChange: (text: string) => void;
}

const TYPED_MS = 350;

/** Searches when typing pauses, and at once with Enter. */
export function SearchBox({ value, label, onChange }: Props) {
  const [text, setText] = useState(value);
  // The address may change by itself, as when one goes back.
  useEffect(() => setText(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts it
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
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
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && onChange(text)}
      />
    </label>
  );
}
