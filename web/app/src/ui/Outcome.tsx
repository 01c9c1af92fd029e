import type { ReactNode } from "react";

interface Props {
  icon: ReactNode;
  title: string;
  text: string;
  children?: ReactNode;
}

/** In place of a page: what happened, and what can be done. */
export function Outcome({ icon, title, text, children }: Props) {
  return (
    <div className="outcome">
      <span className="outcome-icon">{icon}</span>
      <h1>{title}</h1>
      <p className="muted">{text}</p>
      {children}
    </div>
  );
}
